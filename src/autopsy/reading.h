#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "wire/fix/fix_fields.h"
#include "wire/json/json_members.h"

namespace counterfoil::autopsy {

// Reading is a request as its parameters were meant, with the mistakes that had to be overlooked to
// read it so.
struct Reading {
  Transport transport = Transport::kRest;
  std::vector<std::string_view> causes;  // ids: the parameters stand where no server looks for them
  Form form;                             // what is to be signed
  // The texts that a right signature may cover: the payload, and with `causes` its likely forms.
  std::vector<std::string> payloads;
  std::optional<std::string> signature;  // decoded once; empty text: sent but empty
  std::string signature_written;         // as it stands on the wire
  bool signature_last = true;
  std::optional<std::string> timestamp;  // as sent
  std::optional<std::string> recv_window;
  std::string api_key;  // as sent, from the place where it belongs; empty: absent
  std::string symbol;   // decoded
  // WebSocket and FIX: the message's own parts. Views into the request.
  std::vector<json_text::Member> envelope;
  std::vector<json_text::Member> params;
  std::optional<fix::Fields> fix;

  // payload is what the server verified.
  [[nodiscard]] const std::string& payload() const { return payloads.front(); }
  [[nodiscard]] const Field* find(std::string_view name) const;
  [[nodiscard]] const Field* find(Role role) const;
};

// read_request reads by the transport's rules, and leniently where those find no signature or no
// timestamp. Views into `request`, which must outlive the reading.
[[nodiscard]] Reading read_request(const RefusedRequest& request);

// header_of gives the value of a header, its name in any case; nullopt: there is none.
[[nodiscard]] std::optional<std::string_view> header_of(const RefusedRequest& request,
                                                        std::string_view name);

}  // namespace counterfoil::autopsy
