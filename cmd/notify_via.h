// `carillon notify --via redis://…`: an event straight into the channel layer, without a server.
#pragma once

#include <string>

#include "carillon/publish/notify.h"
#include "cmd/server_access.h"

namespace carillon::cmd {

// What --via may say beside an address.
inline constexpr std::string_view kViaSettings = "layer";

// The whole of the command behind its arguments: settings, Redis, event, answer. All of the layer
// but where it is comes from the settings, and with `via` "layer" that, too. `notice` is what is
// to be sent, or what is wrong with it.
ExitCode notify_via(const std::string& via,
                    const ClientArguments& arguments,
                    const publish::Notice& notice,
                    Context& context);

}  // namespace carillon::cmd
