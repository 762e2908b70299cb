// Sends back what it gets: ./echo [--port N], then `wscat -c ws://127.0.0.1:9001/`.
#include <cstdio>
#include <cstring>

#include "carillon/server/server.h"

namespace {

class Echo : public carillon::consumer::Consumer {
  void receive(std::string_view text) override { send(text); }
  void receive_bytes(carillon::ByteView bytes) override { send_bytes(bytes); }
};

}  // namespace

int main(int argc, char** argv) {
  const bool has_port = argc == 3 && std::strcmp(argv[1], "--port") == 0;
  carillon::config::Settings settings;
  settings.bind = {std::string("127.0.0.1:") + (has_port ? argv[2] : "9001")};
  // Room for the largest message to wait, so that a reader may be slower than the echo.
  settings.limits.send_queue_bytes_max = 64u << 20;

  carillon::server::Server server(settings);
  const auto added = server.add_endpoint<Echo>({.path = "/",
                                                .allow_binary = true,
                                                .message_bytes_max = 16u << 20,
                                                .is_rate_limited = false});
  if (!added) {
    std::fprintf(stderr, "echo: %s\n", added.error().what.c_str());
    return 3;
  }
  return server.run();
}
