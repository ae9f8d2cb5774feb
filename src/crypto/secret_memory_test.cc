// Controls S-10 to S-12: secret_arena.h, secret_bytes.h, process_hardening.h.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ios>
#include <iterator>
#include <ostream>
#include <set>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/random.h"
#include "crypto/crypto_error.h"
#include "crypto/digest.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/keyed_hash.h"
#include "crypto/private_key.h"
#include "crypto/process_hardening.h"
#include "crypto/root_key.h"
#include "crypto/sealing.h"
#include "crypto/secret_arena.h"
#include "crypto/secret_bytes.h"
#include "crypto/secret_peek.h"
#include "crypto/signature_scheme.h"
#include "crypto/verification_key.h"
#include "crypto/wipe.h"

namespace counterfoil {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;  // mlock does nothing there, and memory is full of shadows.
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif
#else
constexpr bool kSanitized = false;
#endif

// ---- what does not compile

template <typename T>
concept Printable = requires(std::ostream& stream, const T& value) { stream << value; };
template <typename T>
concept ComparableByOperator = requires(const T& value) { value == value; };
template <typename T>
concept RevealsWithoutToken =
    requires(const T& value) { value.reveal(); } || requires(const T& value) { value.reveal({}); };

static_assert(!std::is_copy_constructible_v<SecretBytes> &&
              !std::is_copy_assignable_v<SecretBytes>);
static_assert(std::is_nothrow_move_constructible_v<SecretBytes> &&
              std::is_nothrow_move_assignable_v<SecretBytes>);
static_assert(!std::is_default_constructible_v<SecretAccess> &&
              !std::is_copy_constructible_v<SecretAccess>);
static_assert(!Printable<SecretBytes> && !ComparableByOperator<SecretBytes>);
static_assert(!RevealsWithoutToken<SecretBytes>);
static_assert(!std::is_convertible_v<SecretBytes, ByteView> &&
              !std::is_convertible_v<SecretBytes, std::string_view>);
static_assert(Printable<std::string> && ComparableByOperator<std::string>,
              "the concepts themselves work");

// ---- the arena

TEST(SecretArena, SlotsAreZeroAlignedAndApart) {
  std::vector<std::pair<std::uint8_t*, std::size_t>> slots;
  for (const std::size_t size :
       {1UL, 32UL, 33UL, 64UL, 65UL, 1000UL, 4096UL, 5000UL, SecretArena::kSlotBytesMax}) {
    for (int i = 0; i < 3; ++i) {
      const auto slot = SecretArena::allocate(size);
      ASSERT_TRUE(slot.has_value()) << size;
      EXPECT_TRUE(std::all_of(*slot, *slot + size, [](std::uint8_t byte) { return byte == 0; }));
      EXPECT_TRUE(SecretArena::holds(*slot));
      EXPECT_TRUE(SecretArena::holds(*slot + size - 1));
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(*slot) %
                    std::min(std::bit_ceil(std::max(size, 32UL)), 4096UL),
                0U);
      std::memset(*slot, 0xff, size);
      slots.emplace_back(*slot, size);
    }
  }
  std::ranges::sort(slots);
  for (std::size_t i = 1; i < slots.size(); ++i) {
    EXPECT_GE(slots[i].first, slots[i - 1].first + slots[i - 1].second);
  }
  for (const auto& [slot, size] : slots) {
    SecretArena::release(slot);
    EXPECT_TRUE(std::all_of(slot, slot + size, [](std::uint8_t byte) { return byte == 0; }));
  }
}

TEST(SecretArena, ASlotHasALargestSize) {
  EXPECT_EQ(SecretArena::allocate(SecretArena::kSlotBytesMax + 1).error(),
            CryptoError::kSecretTooLarge);
  EXPECT_EQ(SecretBytes::create(SecretArena::kSlotBytesMax + 1).error(),
            CryptoError::kSecretTooLarge);
  EXPECT_TRUE(SecretBytes::create(SecretArena::kSlotBytesMax).has_value());
}

TEST(SecretArena, HmacKeysPackWithoutHeaders) {
  constexpr std::size_t kKeys = 3 * SecretArena::kChunkBytes / 64;
  const auto before = SecretArena::usage();
  {
    std::vector<HmacKey> keys;
    keys.reserve(kKeys);
    for (std::size_t i = 0; i < kKeys; ++i) {
      auto key =
          HmacKey::from_secret(ByteView(reinterpret_cast<const std::uint8_t*>(&i), sizeof(i)));
      ASSERT_TRUE(key.has_value());
      keys.push_back(std::move(*key));
    }
    const auto during = SecretArena::usage();
    EXPECT_EQ(during.used_bytes - before.used_bytes, kKeys * 64);
    EXPECT_LE(during.committed_bytes - before.committed_bytes,
              (kKeys * 64) + SecretArena::kChunkBytes);
  }
  EXPECT_EQ(SecretArena::usage().used_slots, before.used_slots);
  EXPECT_EQ(SecretArena::usage().used_bytes, before.used_bytes);
  // What was given back serves again.
  const auto committed = SecretArena::usage().committed_bytes;
  std::vector<HmacKey> again;
  for (std::size_t i = 0; i < kKeys; ++i) {
    again.push_back(
        *HmacKey::from_secret(ByteView(reinterpret_cast<const std::uint8_t*>(&i), sizeof(i))));
  }
  EXPECT_EQ(SecretArena::usage().committed_bytes, committed);
}

TEST(SecretArena, ManyThreadsGetSlotsOfTheirOwn) {
  std::atomic<int> wrong = 0;
  std::vector<std::jthread> threads;
  for (std::uint8_t mark = 1; mark <= 4; ++mark) {
    threads.emplace_back([mark, &wrong] {
      std::vector<std::uint8_t*> held;
      for (int round = 0; round < 2000; ++round) {
        std::uint8_t* const slot = *SecretArena::allocate(64);
        wrong += slot[0] == 0 ? 0 : 1;
        std::memset(slot, mark, 64);
        held.push_back(slot);
        if (held.size() > 50) {
          wrong += held.front()[63] == mark ? 0 : 1;
          SecretArena::release(held.front());
          held.erase(held.begin());
        }
      }
      std::ranges::for_each(held, SecretArena::release);
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

// The flags of the mapping that holds `address`, as the kernel reports them.
std::set<std::string> mapping_flags(const void* address) {
  std::ifstream smaps("/proc/self/smaps");
  std::string line;
  bool inside = false;
  while (std::getline(smaps, line)) {
    std::uintptr_t first = 0;
    std::uintptr_t last = 0;
    char dash = 0;
    if (std::istringstream(line) >> std::hex >> first >> dash >> last && dash == '-') {
      const auto wanted = reinterpret_cast<std::uintptr_t>(address);
      inside = first <= wanted && wanted < last;
    }
    if (inside && line.starts_with("VmFlags:")) {
      std::istringstream words(line.substr(8));
      return {std::istream_iterator<std::string>(words), {}};
    }
  }
  return {};
}

TEST(SecretArena, IsLockedNotDumpedAndWipedOnFork) {
  const auto secret = SecretBytes::copy_of(as_bytes("x"));
  const auto flags = mapping_flags(SecretPeek::at(*secret).data());
  EXPECT_TRUE(flags.contains("dd"));  // do not dump
  EXPECT_TRUE(flags.contains("wf"));  // wipe on fork
  if (!kSanitized) {
    EXPECT_TRUE(flags.contains("lo"));  // locked
    EXPECT_EQ(SecretArena::status(), SecretArena::Status::kLocked);
  }
}

TEST(SecretArenaDeathTest, EndsInInaccessiblePages) {
  const auto slot = SecretArena::allocate(32);
  ASSERT_TRUE(slot.has_value());
  const std::uint8_t* first = *slot;
  while (SecretArena::holds(first - 4096)) {
    first -= 4096;
  }
  while (SecretArena::holds(first - 1)) {
    --first;
  }
  const std::uint8_t* const last = first + SecretArena::usage().committed_bytes;
  EXPECT_FALSE(SecretArena::holds(last));
  EXPECT_DEATH(
      {
        [[maybe_unused]] const std::uint8_t byte =
            *static_cast<const volatile std::uint8_t*>(first - 1);
      },
      "");
  EXPECT_DEATH(
      {
        [[maybe_unused]] const std::uint8_t byte = *static_cast<const volatile std::uint8_t*>(last);
      },
      "");
  SecretArena::release(*slot);
}

// ---- secret bytes

TEST(SecretBytes, AMoveLeavesNothingBehind) {
  const std::size_t used = SecretArena::usage().used_slots;
  {
    auto first = SecretBytes::copy_of(as_bytes("first"));
    auto second = SecretBytes::copy_of(as_bytes("second"));
    SecretBytes third = std::move(*first);
    EXPECT_EQ(first->size(), 0U);                 // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(SecretPeek::at(*first).empty());  // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(third.equals(as_bytes("first")));
    const std::uint8_t* const overwritten = SecretPeek::at(third).data();
    third = std::move(*second);
    EXPECT_TRUE(third.equals(as_bytes("second")));
    EXPECT_EQ(*overwritten, 0);
  }
  EXPECT_EQ(SecretArena::usage().used_slots, used);
}

TEST(SecretBytes, DestructionWipes) {
  const std::uint8_t* where = nullptr;
  {
    const auto secret = SecretBytes::copy_of(as_bytes("to be wiped"));
    where = SecretPeek::at(*secret).data();
    ASSERT_EQ(*where, 't');
  }
  EXPECT_TRUE(std::all_of(where, where + 32, [](std::uint8_t byte) { return byte == 0; }));
}

TEST(SecretBytes, EqualsComparesLengthAndContent) {
  const auto secret = SecretBytes::copy_of(as_bytes("secret"));
  const auto same = SecretBytes::copy_of(as_bytes("secret"));
  const auto empty = SecretBytes::create(0);
  EXPECT_TRUE(secret->equals(*same));
  EXPECT_FALSE(secret->equals(as_bytes("secreT")));
  EXPECT_FALSE(secret->equals(as_bytes("secret ")));
  EXPECT_FALSE(secret->equals(*empty));
  EXPECT_TRUE(empty->equals(ByteView()));
}

class BrokenRandom final : public RandomSource {
 public:
  [[nodiscard]] bool fill(std::span<std::uint8_t> /*out*/) override { return false; }
};

TEST(SecretBytes, RandomFillsOrFails) {
  SystemRandom random;
  BrokenRandom broken;
  const auto first = SecretBytes::random(32, random);
  const auto second = SecretBytes::random(32, random);
  EXPECT_FALSE(first->equals(*second));
  EXPECT_EQ(SecretBytes::random(32, broken).error(), CryptoError::kNoRandomness);
}

// ---- a forked child

// in_child gives what `check` says in a forked child: true, or false for a crash too.
template <typename Check>
bool in_child(const Check& check) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(check() ? 0 : 1);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(ForkedChild, HasNoSecretsAndAcceptsNothing) {
  const auto secret = SecretBytes::copy_of(as_bytes("secret"));
  const auto key = HmacKey::from_secret(as_bytes("secret"));
  const auto zeros = HmacKey::from_secret(ByteView(std::array<std::uint8_t, 1>{}));
  const Digest tag = key->mac(as_bytes("m"));
  const std::uint8_t* const bytes = SecretPeek::at(*secret).data();

  EXPECT_TRUE(in_child([&] { return bytes[0] == 0 && bytes[5] == 0; }));
  EXPECT_TRUE(in_child([&] { return SecretArena::is_forked_copy(); }));
  EXPECT_TRUE(in_child([&] { return !key->verify(as_bytes("m"), tag); }));
  EXPECT_TRUE(in_child([&] { return SecretBytes::create(1).error() == CryptoError::kForked; }));
  EXPECT_TRUE(in_child(
      [&] { return HmacKey::from_secret(as_bytes("k")).error() == CryptoError::kForked; }));
  EXPECT_FALSE(in_child([&] { return key->mac(ByteView()).size() == 32; }))
      << "mac must not give a tag";
  EXPECT_FALSE(in_child([&] { return SecretPeek::at(*secret).size() == 6; }))
      << "reveal must not give zeros";
  EXPECT_FALSE(SecretArena::is_forked_copy());
  EXPECT_TRUE(key->verify(as_bytes("m"), tag));
}

// ---- without locked memory (control S-11)

// The two checks below run in a process of their own, in which nothing can be locked; a test below
// starts it. As root the limit counts only without the capability.
TEST(NoLockedMemory, DISABLED_MakingASecretFails) {
  ASSERT_EQ(SecretArena::status(), SecretArena::Status::kUnused);
  EXPECT_EQ(SecretBytes::create(1).error(), CryptoError::kNoSecretMemory);
  EXPECT_EQ(SecretArena::status(), SecretArena::Status::kRefused);
  EXPECT_EQ(HmacKey::from_secret(as_bytes("k")).error(), CryptoError::kNoSecretMemory);
  EXPECT_EQ(VerificationKey::from_hmac_secret(as_bytes("k")).error(), CryptoError::kNoSecretMemory);
  EXPECT_EQ(SecretArena::usage().committed_bytes, 0U);
  SystemRandom random;
  EXPECT_EQ(RootKey::generate(random).error(), RootKeyError::kNoSecretMemory);
  EXPECT_EQ(SealingKey::generate(1, random).error(), SealError::kNoSecretMemory);
  EXPECT_EQ(PrivateKey::generate(Scheme::kEd25519, random).error(), CryptoError::kNoSecretMemory);
  EXPECT_FALSE(SecretBytes::create(0)->size() > 0);
}

TEST(NoLockedMemory, DISABLED_MayBePermitted) {
  configure_secret_memory(UnlockedMemory::kAllow);
  const auto secret = SecretBytes::copy_of(as_bytes("k"));
  ASSERT_TRUE(secret.has_value());
  EXPECT_TRUE(secret->equals(as_bytes("k")));
  EXPECT_EQ(SecretArena::status(), SecretArena::Status::kUnlocked);
  const auto flags = mapping_flags(SecretPeek::at(*secret).data());
  EXPECT_TRUE(flags.contains("dd") && flags.contains("wf") && !flags.contains("lo"));
}

// The limit as it is on many machines: something can be locked, but not enough.
TEST(NoLockedMemory, DISABLED_RunsOutGracefully) {
  std::vector<SecretBytes> secrets;
  while (true) {
    auto secret = SecretBytes::create(SecretArena::kSlotBytesMax);
    if (!secret) {
      EXPECT_EQ(secret.error(), CryptoError::kNoSecretMemory);
      break;
    }
    ASSERT_LT(secrets.size(), 100U);
    secrets.push_back(std::move(*secret));
  }
  EXPECT_GT(secrets.size(), 10U);
  EXPECT_EQ(SecretArena::status(), SecretArena::Status::kRefused);
  secrets.pop_back();
  EXPECT_TRUE(SecretBytes::create(SecretArena::kSlotBytesMax).has_value());
}

bool run_with_lock_limit(std::string_view test, rlim_t limit_bytes) {
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit limit{.rlim_cur = limit_bytes, .rlim_max = limit_bytes};
    ::prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0,
            0);  // Fails for ordinary users, who have not got it.
    ::setrlimit(RLIMIT_MEMLOCK, &limit);
    const std::string filter = "--gtest_filter=NoLockedMemory.DISABLED_" + std::string(test);
    ::execl("/proc/self/exe", "crypto_test", filter.c_str(), "--gtest_also_run_disabled_tests",
            nullptr);
    ::_exit(127);
  }
  int status = 0;
  return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(SecretArena, WithoutLockedMemoryNoSecretIsMade) {
  if (kSanitized) {
    GTEST_SKIP() << "the sanitizer makes mlock do nothing";
  }
  EXPECT_TRUE(run_with_lock_limit("MakingASecretFails", 0));
  EXPECT_TRUE(run_with_lock_limit("MayBePermitted", 0));
  EXPECT_TRUE(run_with_lock_limit("RunsOutGracefully", 3 * SecretArena::kChunkBytes));
}

// ---- no dumps (control S-12)

TEST(ProcessHardening, ForbidsCoreDumps) {
  EXPECT_TRUE(in_child([] {
    rlimit limit{};
    return forbid_core_dumps() && ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 &&
           ::getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0;
  }));
}

// ---- where secrets are after use (control S-10)

// Canary is a random secret whose plain form this test never keeps: it holds the bytes masked, so
// that the search does not find the searcher.
class Canary {
 public:
  static constexpr std::size_t kSize = 32;
  static constexpr std::uint8_t kMask = 0xa7;

  Canary() {
    SystemRandom random;
    EXPECT_TRUE(random.fill(masked_));
  }
  [[nodiscard]] std::uint8_t byte(std::size_t i) const { return masked_[i] ^ kMask; }

  // found_at tells whether the canary, or one half of it, begins at `at`.
  [[nodiscard]] bool stands_at(const std::uint8_t* at, std::size_t first, std::size_t size) const {
    for (std::size_t i = 0; i < size; ++i) {
      if ((at[i] ^ kMask) != masked_[first + i]) {
        return false;
      }
    }
    return true;
  }

 private:
  std::array<std::uint8_t, kSize> masked_{};
};

// CanaryRandom "draws" the canary, straight into the memory it is given.
class CanaryRandom final : public RandomSource {
 public:
  explicit CanaryRandom(const Canary& canary) : canary_(canary) {}
  [[nodiscard]] bool fill(std::span<std::uint8_t> out) override {
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = canary_.byte(i % Canary::kSize);
    }
    return true;
  }

 private:
  const Canary& canary_;
};

struct Found {
  std::size_t in_arena = 0;
  std::size_t elsewhere = 0;
};

// MemoryScan reads all readable memory of this process through /proc/self/mem and looks for half a
// canary at every address. Its own buffer is left out, for it holds copies of everything.
class MemoryScan {
 public:
  MemoryScan()
      : buffer_(static_cast<std::uint8_t*>(::mmap(nullptr, kBufferBytes, PROT_READ | PROT_WRITE,
                                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {}
  MemoryScan(const MemoryScan&) = delete;
  MemoryScan& operator=(const MemoryScan&) = delete;
  ~MemoryScan() { ::munmap(buffer_, kBufferBytes); }

  Found find(const Canary& canary) {
    Found found;
    std::ifstream maps("/proc/self/maps");
    const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    std::string line;
    while (std::getline(maps, line)) {
      std::uintptr_t first = 0;
      std::uintptr_t last = 0;
      char dash = 0;
      std::string rights;
      std::istringstream(line) >> std::hex >> first >> dash >> last >> rights;
      if (rights.starts_with('r')) {
        scan(memory, first, last, canary, found);
      }
    }
    ::close(memory);
    return found;
  }

 private:
  static constexpr std::size_t kBufferBytes = 1UL << 20U;
  static constexpr std::size_t kHalf = Canary::kSize / 2;

  void scan(int memory, std::uintptr_t first, std::uintptr_t last, const Canary& canary,
            Found& found) {
    const auto own = reinterpret_cast<std::uintptr_t>(buffer_);
    for (std::uintptr_t at = first; at < last; at += kBufferBytes - Canary::kSize) {
      if (at < own + kBufferBytes && at + kBufferBytes > own) {
        continue;  // A window that touches the buffer; mappings beside it are scanned by the next
                   // ones.
      }
      const ssize_t got =
          ::pread(memory, buffer_, std::min(kBufferBytes, last - at), static_cast<off_t>(at));
      for (ssize_t i = 0; i + static_cast<ssize_t>(kHalf) <= got; ++i) {
        if (canary.stands_at(buffer_ + i, 0, kHalf) ||
            canary.stands_at(buffer_ + i, kHalf, kHalf)) {
          const bool inside = SecretArena::holds(
              // An address out of the map of the process.
              // NOLINTNEXTLINE(performance-no-int-to-ptr)
              reinterpret_cast<const void*>(at + static_cast<std::uintptr_t>(i)));
          ++(inside ? found.in_arena : found.elsewhere);
        }
      }
    }
    ::explicit_bzero(buffer_, kBufferBytes);
  }

  std::uint8_t* buffer_;
};

class SecretsAfterUse : public testing::Test {
 protected:
  void SetUp() override {
    if (kSanitized) {
      GTEST_SKIP() << "the sanitizer's shadow memory is too large to scan";
    }
  }
  // A check of the check: a copy outside of the arena is found.
  void expect_found_in_arena_only() {
    const Found found = scan_.find(canary_);
    EXPECT_GT(found.in_arena, 0U);
    EXPECT_EQ(found.elsewhere, 0U);
  }

  Canary canary_;
  CanaryRandom random_{canary_};
  SystemRandom system_random_;
  MemoryScan scan_;
};

TEST_F(SecretsAfterUse, TheScanFindsACopyOnTheHeap) {
  std::vector<std::uint8_t> copy(Canary::kSize);
  ASSERT_TRUE(random_.fill(copy));
  EXPECT_EQ(scan_.find(canary_).elsewhere, 2U);  // two halves
  wipe(copy);
  EXPECT_EQ(scan_.find(canary_).elsewhere, 0U);
  EXPECT_EQ(scan_.find(canary_).in_arena, 0U);
}

TEST_F(SecretsAfterUse, AnHmacSecretIsInTheArenaOnly) {
  const auto secret = SecretBytes::random(Canary::kSize, random_);
  const auto key = VerificationKey::from_hmac_secret(*secret);
  const auto hash = KeyedHash::from_pepper(*secret);
  const auto derived = hkdf_sha256(SecretPeek::at(*secret), {}, as_bytes("info"), 64);
  EXPECT_FALSE(key->verify(as_bytes("m"), hash->hash(as_bytes("n"))));
  EXPECT_NE(hash->hash(*secret), hash->hash(as_bytes("n")));
  expect_found_in_arena_only();
}

TEST_F(SecretsAfterUse, ASealedSecretIsInTheArenaOnly) {
  const SealContext place{.table = "t", .record_id = "r", .account_id = "a", .field = "f"};
  KekRing ring;
  ring.add(*SealingKey::generate(1, system_random_));
  const auto secret = SecretBytes::random(Canary::kSize, random_);
  const auto sealed = seal(place, *secret, *ring.newest(), system_random_);
  const auto opened = open(place, *sealed, ring);
  ASSERT_TRUE(opened.has_value());
  EXPECT_TRUE(opened->equals(*secret));
  expect_found_in_arena_only();
}

// The expanded keys of a cipher begin with the key itself; see GcmJob.
TEST_F(SecretsAfterUse, ASealingKeyIsInTheArenaOnly) {
  const SealContext place{.table = "t", .record_id = "r", .account_id = "a", .field = "f"};
  KekRing ring;
  ring.add(*SealingKey::generate(1, random_));
  const auto sealed = seal(place, as_bytes("value"), *ring.newest(), system_random_);
  EXPECT_TRUE(open(place, *sealed, ring).has_value());
  // The last thing done is a wrap, so that no later key overwrites this one by chance.
  EXPECT_TRUE(rewrap(place.record_id, *sealed, ring, *ring.newest(), system_random_).has_value());
  expect_found_in_arena_only();
}

TEST_F(SecretsAfterUse, ARootKeyIsInTheArenaOnly) {
  std::string name = (std::filesystem::temp_directory_path() / "counterfoil-scan-XXXXXX").string();
  const std::filesystem::path folder = ::mkdtemp(name.data());
  const auto root = RootKey::create_file(folder / "root.key", random_);
  const auto again = RootKey::load(folder / "root.key");
  std::filesystem::remove_all(folder);
  ASSERT_TRUE(again.has_value());
  const auto key = SealingKey::generate(1, system_random_);
  const auto stored = key->wrap(*root, system_random_);
  EXPECT_TRUE(SealingKey::unwrap(*stored, *again, 0).has_value());
  expect_found_in_arena_only();
}

TEST_F(SecretsAfterUse, AnEd25519SeedIsInTheArenaOnly) {
  const auto key = PrivateKey::generate(Scheme::kEd25519, random_);
  const auto pem = key->to_pkcs8_pem();
  const auto again = PrivateKey::from_pkcs8_pem(as_text(SecretPeek::at(*pem)));
  EXPECT_EQ(key->sign(as_bytes("m")), again->sign(as_bytes("m")));
  expect_found_in_arena_only();
}

}  // namespace
}  // namespace counterfoil
