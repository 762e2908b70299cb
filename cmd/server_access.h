// How a command finds the running server and proves that it may use it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "carillon/base/error.h"
#include "carillon/base/result.h"
#include "carillon/config/settings.h"
#include "carillon/json/value.h"
#include "cmd/http_client.h"
#include "cmd/setting_arguments.h"
#include "cmd/url.h"

namespace carillon::cmd {

// What every command that talks to a server takes.
struct ClientArguments {
  std::shared_ptr<SettingArguments> settings;
  std::string url;  // empty: the configured bind
  std::string timeout = "10s";
  bool is_json = false;
};

// Adds --url, --timeout, --json and where settings come from.
std::shared_ptr<ClientArguments> add_client_options(Command& command);

struct ServerAccess {
  Url url;
  std::string host;  // for the Host header: one that the server allows, as far as we know
  uint64_t timeout_ms = 0;
};

// --url, else the first bind of the settings. The error is in the command line ("bad_url",
// "bad_timeout").
Result<ServerAccess, Error> locate_server(const ClientArguments& arguments,
                                          const config::Settings& settings);

// --timeout, which is at least 1 ms ("bad_timeout").
Result<uint64_t, Error> timeout_of(const ClientArguments& arguments);

// The value of Authorization: the first API key, else a staff token that lives for 60 s. The error
// ("no_credentials") says what to set.
Result<std::string, Error> authorisation(const config::Settings& settings, int64_t now_s);

// An event (or several) on its way to the server.
struct PublishRequest {
  http::Method method = http::Method::kPost;
  std::string path;
  json::Value body;
  std::string idempotency_key{};  // empty: none
};

Result<HttpReply, Error> send_publish(const ServerAccess& server,
                                      const std::string& authorisation,
                                      const PublishRequest& request,
                                      const Clock& clock);

// What a person can do about a publish that was answered with `status`.
std::string_view publish_remedy(int status);

// The whole of `carillon notify` behind its arguments: settings, server, request, answer.
ExitCode publish(const ClientArguments& arguments, const PublishRequest& request, Context& context);

}  // namespace carillon::cmd
