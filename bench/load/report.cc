#include "load/report.h"

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <nlohmann/json_fwd.hpp>
#include <ratio>
#include <string>

#include "load/latency_histogram.h"
#include "load/load_loop.h"

namespace counterfoil {
namespace {

double microseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

template <typename Counts>
nlohmann::ordered_json by_number(const Counts& counts) {
  auto object = nlohmann::ordered_json::object();
  for (const auto& [number, count] : counts) {
    object[std::to_string(number)] = count;
  }
  return object;
}

}  // namespace

std::string report(const LoadPlan& plan, const LoadResult& result,
                   std::uint64_t signed_while_running) {
  const LatencyHistogram& latency = result.latency;
  const double seconds = std::chrono::duration<double>(result.measured).count();
  nlohmann::ordered_json json;
  json["mode"] = plan.rate ? "open" : "closed";
  json["rate"] = plan.rate.value_or(0);
  json["connections"] = plan.connections;
  json["seconds"] = seconds;
  json["rps"] = static_cast<double>(latency.count()) / seconds;
  json["latency_us"] = {{"p50", microseconds(latency.percentile(0.5))},
                        {"p90", microseconds(latency.percentile(0.9))},
                        {"p99", microseconds(latency.percentile(0.99))},
                        {"p999", microseconds(latency.percentile(0.999))},
                        {"max", microseconds(latency.max())},
                        {"mean", microseconds(latency.mean())}};
  json["statuses"] = by_number(result.statuses);
  json["body_bytes"] = by_number(result.body_bytes);
  json["faults"] = {{"closed_early", result.closed_early},
                    {"malformed", result.malformed},
                    {"unanswered", result.unanswered},
                    {"connect_failures", result.connect_failures}};
  json["reconnects"] = result.reconnects;
  json["signed_while_running"] = signed_while_running;
  json["answers_in_all"] = result.answers_in_all;
  json["bytes_read"] = result.bytes_read;
  json["bytes_written"] = result.bytes_written;
  return json.dump();
}

}  // namespace counterfoil
