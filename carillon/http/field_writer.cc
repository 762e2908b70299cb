#include "carillon/http/field_writer.h"

namespace carillon::http {
namespace {

void append_line_part(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out += byte < 0x20 || byte == 0x7f ? ' ' : c;
  }
}

}  // namespace

void append_field(std::string& out, std::string_view name, std::string_view value) {
  append_line_part(out, name);
  out += ": ";
  append_line_part(out, value);
  out += "\r\n";
}

}  // namespace carillon::http
