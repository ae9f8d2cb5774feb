#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/ip_address.h"
#include "base/random.h"
#include "doors/calls/call_connection.h"
#include "doors/console/browser_rules.h"
#include "doors/console/page_file.h"
#include "doors/management/api_call.h"
#include "doors/management/management_api.h"
#include "wire/http/request_head.h"

namespace counterfoil {

// ConsoleParts is what the console's connections share. Everything must outlive them.
struct ConsoleParts {
  const ManagementApi& api;
  std::span<const PageFile> page;  // by path; page_files()
  RandomSource& random;
  // is_set_up: until an owner exists, only this machine is served (control S-50).
  std::function<bool()> is_set_up;
  // reported is told what a browser says of a breach of the content security policy: hostile text.
  std::function<void(std::string_view report)> reported;
};

// ConsoleCalls answers the requests of one connection of a browser: the page's files, and the
// management API for whoever is signed in. One thread.
class ConsoleCalls final : public CallHandler {
 public:
  static constexpr std::size_t kReportBytesMax = 16UL * 1024;

  // `parts` and `origin` must outlive it.
  ConsoleCalls(const ConsoleParts& parts, const ConsoleOrigin& origin, IpAddress address)
      : parts_(parts), origin_(origin), address_(address) {}

  [[nodiscard]] std::size_t body_bytes_max(const http::RequestHead& head) const override;
  [[nodiscard]] ApiAnswer answer(const http::RequestHead& head, std::string_view body,
                                 std::string_view request_id) override;
  void finish(ApiAnswer& answer) const override;

 private:
  // signed_api answers a call that an API key signed: without cookies, so no other site's page can
  // have a browser make it, and what control S-70 asks of browsers is not asked of it.
  [[nodiscard]] ApiAnswer signed_api(const http::RequestHead& head, std::string_view api_key_header,
                                     std::string_view body, std::string_view request_id) const;
  [[nodiscard]] ApiAnswer call_api(const http::RequestHead& head, std::string_view body,
                                   std::string_view request_id) const;
  [[nodiscard]] ApiAnswer take_report(const http::RequestHead& head, std::string_view body,
                                      std::string_view request_id) const;
  [[nodiscard]] ApiAnswer page(const http::RequestHead& head, std::string_view request_id) const;
  [[nodiscard]] std::string_view own_origin(const http::RequestHead& head) const;
  [[nodiscard]] const PageFile* find_file(std::string_view path) const;
  void renew_nonce();

  const ConsoleParts& parts_;
  const ConsoleOrigin& origin_;
  IpAddress address_;
  std::string nonce_;  // of the answer under way
};

}  // namespace counterfoil
