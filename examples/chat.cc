// A chat room in the words of Channels: ./chat [--port N], then two of
//   wscat -c "ws://127.0.0.1:9002/ws/chat/lobby/?name=ines"
#include <cstdio>
#include <cstring>

#include "carillon/json/writer.h"
#include "carillon/server/server.h"

namespace {

using carillon::fanout::PreparedEventPtr;
using carillon::json::Value;

class Chat : public carillon::consumer::Consumer {
  void connect() override {
    name_ = scope().query_param("name").value_or("somebody");
    room_ = "chat_" + std::string(scope().param("room").value_or(""));
    if (!group_add(room_)) return deny(404, "That is no name for a room.");
    accept();
    say(name_ + " is here");
  }

  void receive(std::string_view text) override { say(name_ + ": " + std::string(text)); }

  // Without this override every member would get the event itself, as JSON.
  void event(const PreparedEventPtr& event) override {
    const Value* message = event->event->object().find("message");
    if (message != nullptr && message->is_string()) send(*message->as_string());
  }

  void disconnect(uint16_t) override {
    group_discard(room_);
    say(name_ + " has left");
  }

  void say(std::string_view message) { group_send(room_, "chat.message", message); }

  std::string name_;
  std::string room_;
};

}  // namespace

int main(int argc, char** argv) {
  const bool has_port = argc == 3 && std::strcmp(argv[1], "--port") == 0;
  carillon::config::Settings settings;
  settings.bind = {std::string("127.0.0.1:") + (has_port ? argv[2] : "9002")};

  carillon::server::Server server(settings);
  if (const auto added = server.add_endpoint<Chat>({.path = "/ws/chat/{room}/"}); !added) {
    std::fprintf(stderr, "chat: %s\n", added.error().what.c_str());
    return 3;
  }
  return server.run();
}
