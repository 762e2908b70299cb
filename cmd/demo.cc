#include "cmd/demo.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "carillon/auth/mint.h"
#include "carillon/base/base64.h"
#include "carillon/base/random.h"
#include "carillon/json/writer.h"

namespace carillon::embedded {
extern const std::string_view kDemoPageHtml;
}

namespace carillon::cmd {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
}

Error cannot_write(const std::string& path) {
  return {"demo_env", "cannot write " + path + ": " + std::strerror(errno) +
                          "; start it in a directory that you may write to"};
}

std::string describe_accounts(const std::vector<DemoAccount>& accounts) {
  json::Value list = json::Value::array();
  for (const DemoAccount& account : accounts) {
    json::Value row = json::Value::object();
    row.set("name", json::Value(account.name));
    row.set("role", json::Value(account.role));
    row.set("user_id", json::Value(account.user_id));
    row.set("token", json::Value(account.token));
    list.as_array()->push_back(std::move(row));
  }
  json::Value demo = json::Value::object();
  demo.set("version", json::Value(CARILLON_VERSION));
  demo.set("accounts", std::move(list));
  std::string text = json::to_json(demo);
  replace_all(text, "<", "\\u003c");  // so that no name can end the script element
  return text;
}

}  // namespace

Result<void, Error> ensure_demo_env_file(const std::string& path) {
  std::error_code failed;
  if (std::filesystem::exists(path, failed)) return {};
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), failed);
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return Err(cannot_write(path));
  const std::string text =
      "# Made by `carillon serve --demo`, and used again at each start. Not for production.\n"
      "SECRET_KEY=" +
      random_hex(32) + "\nCARILLON_API_KEYS=" + random_hex(20) + "\n";
  const ssize_t written = ::write(fd, text.data(), text.size());
  ::close(fd);
  if (written != static_cast<ssize_t>(text.size())) return Err(cannot_write(path));
  return {};
}

std::vector<DemoAccount> demo_accounts(const config::AuthSettings& settings, int64_t now_s) {
  std::vector<DemoAccount> accounts = {
      {"Ada", "admin", "1", {}}, {"Ines", "mentor", "3", {}}, {"Dana", "student", "7", {}}};
  for (DemoAccount& account : accounts) {
    account.token = auth::mint_token(settings, {.user_id = account.user_id,
                                                .role = account.role,
                                                .is_staff = account.role == "admin",
                                                .ttl_s = kDemoTokenDays * 86'400,
                                                .now_s = now_s});
  }
  return accounts;
}

api::PageHandler demo_page(const config::AuthSettings& settings, const Clock& clock) {
  return [settings, &clock](const http::Request&) {
    std::array<std::byte, 16> random{};
    fill_random(random);
    const std::string nonce = base64_encode(random);
    std::string html(embedded::kDemoPageHtml);
    replace_all(html, "{{nonce}}", nonce);
    replace_all(html, "{{demo}}", describe_accounts(demo_accounts(settings, clock.wall_s())));
    const std::string policy =
        "default-src 'none'; connect-src 'self'; img-src 'self' data:; "
        "style-src 'nonce-" +
        nonce + "'; script-src 'nonce-" + nonce +
        "'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    return http::Response{.status = 200,
                          .headers = {{"Content-Type", "text/html; charset=utf-8"},
                                      {"Content-Security-Policy", policy},
                                      {"Referrer-Policy", "no-referrer"},
                                      {"Cache-Control", "no-store"}},
                          .body = std::move(html)};
  };
}

}  // namespace carillon::cmd
