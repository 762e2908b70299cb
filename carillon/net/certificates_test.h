// Certificates for tests, made by the openssl program when they are needed.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "carillon/net/child_process_test.h"

namespace carillon::net {

// An authority, and certificates that it signs; all in one directory, valid for a day.
class Certificates {
 public:
  explicit Certificates(const TemporaryDirectory& directory) : directory_(directory) {
    make("ca", {"-subj", "/CN=Carillon test authority"});
  }

  std::string ca_file() const { return directory_.file("ca.pem"); }
  std::string file(const std::string& name) const { return directory_.file(name + ".pem"); }
  std::string key_file(const std::string& name) const { return directory_.file(name + ".key"); }

  // For the host names and addresses of `alternatives`: "DNS:localhost,IP:127.0.0.1".
  void issue(const std::string& name, const std::string& alternatives) const {
    make(name, {"-subj", "/CN=" + name, "-addext", "subjectAltName=" + alternatives, "-CA",
                ca_file(), "-CAkey", key_file("ca")});
  }

 private:
  void make(const std::string& name, const std::vector<std::string>& options) const {
    std::vector<std::string> command = {"openssl", "req", "-x509", "-nodes", "-days", "1"};
    for (const char* each : {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"}) {
      command.emplace_back(each);
    }
    command.insert(command.end(), {"-keyout", key_file(name), "-out", file(name)});
    command.insert(command.end(), options.begin(), options.end());
    ChildProcess openssl(std::move(command));
    const std::string printed = openssl.read_until("");
    EXPECT_EQ(openssl.wait(), 0) << printed;
  }

  const TemporaryDirectory& directory_;
};

}  // namespace carillon::net
