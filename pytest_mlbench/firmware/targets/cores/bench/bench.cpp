// The bench of all cores: memory, the firmware's ELF file, Spike's host interface, and the clock.
//
//   model ELF [--rom-wait N] [--ram-wait N] [--cycles N] [--progress FILE] [--calls 1]
//
// A core's wrapper (the module mlbench_core) reads and writes memory with the functions declared in
// mlbench_memory.sv. The firmware asks for standard input and output by a store to `tohost`, as on
// Spike. The last line on standard error says as JSON how the run ended. While it runs, FILE holds
// one such line that says how far it is; with --calls each call of the firmware is such a line too.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "Vmlbench_core.h"
#include "Vmlbench_core___024root.h"

namespace {

constexpr uint32_t ROM = MLBENCH_ROM_BASE, RAM = MLBENCH_RAM_BASE;
constexpr uint32_t SIZE = 512u << 20;           // of ROM and of RAM
constexpr uint32_t REPORT_EVERY = 1u << 20;     // cycles between two lines of progress
constexpr uint64_t NOTHING_THERE = 1ull << 32;  // beside the data of a read

struct Region {
  uint32_t base;
  uint32_t wait;
  uint8_t *bytes;
};

Region rom{ROM, 0, nullptr}, ram{RAM, 0, nullptr};
uint32_t tohost, fromhost;
uint64_t cycles, instructions;
bool tell_calls;
const char *ended;  // why the run ended, nullptr while it runs
uint32_t exit_code, fault_address;
Vmlbench_core *core;

// The place of `bytes` bytes of memory, nullptr when not all of them exist.
uint8_t *at(uint32_t address, uint32_t bytes) {
  for (const Region &region : {ram, rom}) {
    const uint32_t offset = address - region.base;
    if (offset < SIZE && SIZE - offset >= bytes) {
      return region.bytes + offset;
    }
  }
  return nullptr;
}

void end(const char *why, uint32_t address = 0) {
  if (ended == nullptr) {
    ended = why;
    fault_address = address;
  }
}

void put(uint32_t address, uint64_t value) {
  if (uint8_t *place = at(address, sizeof value)) {
    std::memcpy(place, &value, sizeof value);
  }
}

uint32_t word(const uint8_t *place) {
  uint32_t value;
  std::memcpy(&value, place, sizeof value);
  return value;
}

std::string state(const char *how) {
  char text[256];
  std::snprintf(text, sizeof text,
                "{\"end\": \"%s\", \"code\": %" PRIu32 ", \"address\": %" PRIu32
                ", \"pc\": %" PRIu32 ", \"cycles\": %20" PRIu64 ", \"instructions\": %20" PRIu64
                "}\n",
                how, exit_code, fault_address, core->pc_o, cycles, instructions);
  return text;
}

// A store to `tohost`: an odd value ends the run, any other is the address of a call's words.
void serve(uint32_t value) {
  if (value & 1) {
    exit_code = value >> 1;
    return end("exit");
  }
  if (tell_calls) {
    std::fputs(state("running").c_str(), stderr);
  }
  uint64_t call[4];
  const uint8_t *block = at(value, sizeof call);
  if (block == nullptr) {
    return end("call", value);
  }
  std::memcpy(call, block, sizeof call);
  const uint32_t bytes = static_cast<uint32_t>(call[3]);
  uint8_t *data = at(static_cast<uint32_t>(call[2]), bytes);
  int64_t moved;
  if (data != nullptr && call[0] == 63) {
    moved = read(static_cast<int>(call[1]), data, bytes);
  } else if (data != nullptr && call[0] == 64) {
    moved = write(static_cast<int>(call[1]), data, bytes);
  } else {
    return end("call", value);
  }
  put(value, static_cast<uint64_t>(moved));
  put(tohost, 0);
  put(fromhost, 1);
}

}  // namespace

extern "C" {

unsigned long long mlbench_fetch(uint32_t address) {
  address &= ~3u;
  if (__builtin_expect(address - ROM < SIZE, 1)) {
    return word(rom.bytes + (address - ROM));
  }
  if (address - RAM < SIZE) {
    return word(ram.bytes + (address - RAM));
  }
  // A core that starts 0x80 behind address 0 (Ibex) finds a jump to ROM there.
  switch (address) {
    case 0x80:
      return ROM | 0x297;  // auipc t0, ROM
    case 0x84:
      return 0xf8028067;  // jr -0x80(t0)
    default:
      return NOTHING_THERE;
  }
}

unsigned long long mlbench_load(uint32_t address) {
  address &= ~3u;
  if (address - RAM < SIZE) {
    return word(ram.bytes + (address - RAM));
  }
  if (address - ROM < SIZE) {
    return word(rom.bytes + (address - ROM));
  }
  if (!MLBENCH_TRAPS_ACCESS) {
    end("load", address);
  }
  return NOTHING_THERE;
}

uint32_t mlbench_store(uint32_t address, uint32_t data, uint32_t strobe) {
  address &= ~3u;
  if (__builtin_expect(address - RAM >= SIZE, 0)) {
    if (!MLBENCH_TRAPS_ACCESS) {
      end("store", address);
    }
    return 1;
  }
  uint32_t mask = 0;
  for (uint32_t byte = 0; byte < 4; ++byte) {
    mask |= (strobe >> byte & 1) * (0xffu << 8 * byte);
  }
  uint8_t *place = ram.bytes + (address - RAM);
  const uint32_t value = (word(place) & ~mask) | (data & mask);
  std::memcpy(place, &value, sizeof value);
  if (__builtin_expect(address == tohost && value != 0, 0)) {
    serve(value);
  }
  return 0;
}

uint32_t mlbench_wait(uint32_t address) { return address >= RAM ? ram.wait : rom.wait; }
}

namespace {

[[noreturn]] void refuse(const std::string &what) {
  std::fprintf(stderr, "{\"end\": \"refused\", \"what\": \"%s\"}\n", what.c_str());
  std::exit(2);
}

// What this needs of an ELF file with 32-bit words: System V ABI, chapter 4 and 5.
struct Header {
  uint8_t magic[4], width, rest[11];
  uint16_t type, machine;
  uint32_t version, entry, segments, sections, flags;
  uint16_t header_bytes, segment_bytes, segment_count, section_bytes, section_count, names;
};

struct Segment {
  uint32_t type, offset, address, physical, file_bytes, memory_bytes, flags, align;
};

struct Section {
  uint32_t name, type, flags, address, offset, bytes, link, info, align, entry_bytes;
};

struct Symbol {
  uint32_t name, value, bytes;
  uint8_t info, other;
  uint16_t section;
};

constexpr uint16_t RISCV = 243;
constexpr uint32_t LOAD = 1, SYMBOLS = 2;

class Elf {
 public:
  explicit Elf(const char *path) {
    std::FILE *file = std::fopen(path, "rb");
    if (file == nullptr) {
      refuse("the firmware cannot be read");
    }
    uint8_t block[1 << 16];
    while (size_t got = std::fread(block, 1, sizeof block, file)) {
      bytes_.insert(bytes_.end(), block, block + got);
    }
    std::fclose(file);
    head_ = part<Header>(0);
    if (std::memcmp(head_.magic, "\177ELF", 4) != 0 || head_.width != 1 || head_.machine != RISCV) {
      refuse("the firmware is not an ELF file for 32-bit RISC-V");
    }
  }

  // Segments go to their physical addresses: initialised data lies in ROM until start-up copies it.
  void load() const {
    for (uint32_t i = 0; i < head_.segment_count; ++i) {
      const auto segment = part<Segment>(head_.segments + i * head_.segment_bytes);
      if (segment.type != LOAD || segment.file_bytes == 0) {
        continue;
      }
      uint8_t *place = at(segment.physical, segment.file_bytes);
      if (place == nullptr) {
        refuse("the firmware does not fit the core's memory");
      }
      std::memcpy(place, range(segment.offset, segment.file_bytes), segment.file_bytes);
    }
  }

  // The address of a symbol, 0 when there is none.
  uint32_t symbol(const char *wanted) const {
    for (uint32_t i = 0; i < head_.section_count; ++i) {
      const auto table = part<Section>(head_.sections + i * head_.section_bytes);
      if (table.type != SYMBOLS) {
        continue;
      }
      const auto names = part<Section>(head_.sections + table.link * head_.section_bytes);
      for (uint32_t at = 0; at + sizeof(Symbol) <= table.bytes; at += sizeof(Symbol)) {
        const auto symbol = part<Symbol>(table.offset + at);
        const uint32_t length = static_cast<uint32_t>(std::strlen(wanted)) + 1;
        const uint8_t *name = range(names.offset + symbol.name, 1);
        if (names.offset + symbol.name + length <= bytes_.size() &&
            std::memcmp(name, wanted, length) == 0) {
          return symbol.value;
        }
      }
    }
    return 0;
  }

 private:
  const uint8_t *range(uint64_t offset, uint64_t bytes) const {
    if (offset + bytes > bytes_.size()) {
      refuse("the firmware is cut off");
    }
    return bytes_.data() + offset;
  }

  template <typename Part>
  Part part(uint64_t offset) const {
    Part found;
    std::memcpy(&found, range(offset, sizeof found), sizeof found);
    return found;
  }

  std::vector<uint8_t> bytes_;
  Header head_;
};

// One clock cycle. All registers of a core switch at the rising edge and nothing depends on the
// clock's level, so that the model is evaluated there only; MLBENCH_BOTH_EDGES evaluates it as a
// bench for any design would, to prove that.
void tick() {
#ifdef MLBENCH_BOTH_EDGES
  core->clk_i = 1;
  core->eval();
  core->clk_i = 0;
  core->eval();
#else
  Vmlbench_core___024root *root = core->rootp;
  root->clk_i = 1;
  root->__Vtrigprevexpr___TOP__clk_i__0 = 0;
  Vmlbench_core___024root___eval(root);
#endif
}

uint8_t *memory() {
  void *found = mmap(nullptr, SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (found == MAP_FAILED) {
    refuse("there is no memory for the core's memory");
  }
  return static_cast<uint8_t *>(found);
}

// The whole of `text` as a number.
uint64_t number(const std::string &option, const char *text) {
  char *rest = nullptr;
  const uint64_t value = text != nullptr ? std::strtoull(text, &rest, 10) : 0;
  if (text == nullptr || rest == text || *rest != '\0') {
    refuse(option + " needs a number");
  }
  return value;
}

}  // namespace

int main(int argc, char **argv) {
  uint64_t limit = UINT64_MAX;
  const char *elf = nullptr;
  int progress = -1;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    const char *value = argv[i + 1];
    if (option == "--rom-wait") {
      rom.wait = static_cast<uint32_t>(number(option, value));
    } else if (option == "--ram-wait") {
      ram.wait = static_cast<uint32_t>(number(option, value));
    } else if (option == "--cycles") {
      limit = number(option, value);
    } else if (option == "--calls") {
      tell_calls = number(option, value) != 0;
    } else if (option == "--progress") {
      progress = value != nullptr ? open(value, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
      if (progress < 0) {
        refuse("the file for progress cannot be written");
      }
    } else {
      elf = argv[i];
      continue;
    }
    ++i;
  }
  if (elf == nullptr) {
    refuse("no firmware is named");
  }
  rom.bytes = memory();
  ram.bytes = memory();
  const Elf firmware(elf);
  firmware.load();
  tohost = firmware.symbol("tohost");
  fromhost = firmware.symbol("fromhost");
  if (tohost == 0 || fromhost == 0) {
    refuse("the firmware has no symbols tohost and fromhost");
  }

  const auto context = std::make_unique<VerilatedContext>();
  const auto model = std::make_unique<Vmlbench_core>(context.get(), "");
  core = model.get();
  core->rst_ni = 0;
  core->clk_i = 0;
  core->eval();
  for (int i = 0; i < 10; ++i) {
    tick();
  }
  core->rst_ni = 1;
  while (ended == nullptr) {
    tick();
    ++cycles;
    instructions += core->retired_o;
    if (__builtin_expect(core->trap_o, 0)) {
      end("trap");
    }
    if (__builtin_expect(cycles % REPORT_EVERY == 0, 0) && progress >= 0) {
      const std::string line = state("running");
      if (pwrite(progress, line.data(), line.size(), 0) < 0) {
        progress = -1;
      }
    }
    if (__builtin_expect(cycles >= limit, 0)) {
      end("limit");
    }
  }
  std::fputs(state(ended).c_str(), stderr);
  return std::strcmp(ended, "exit") == 0 ? static_cast<int>(exit_code) : 3;
}
