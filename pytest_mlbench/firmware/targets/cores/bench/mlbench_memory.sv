// The bench's memory as the wrappers of the cores see it: functions of bench.cpp, and a port with
// the request/grant/valid handshake of OBI (CV32E40P) and of Ibex.

package mlbench_memory_pkg;
  // Bit 32 of what is read: there is no memory at this address.
  import "DPI-C" function longint unsigned mlbench_fetch(input int unsigned address);
  import "DPI-C" function longint unsigned mlbench_load(input int unsigned address);
  // Returns whether there is no memory to write to at this address.
  import "DPI-C" function int unsigned mlbench_store(
      input int unsigned address, input int unsigned data, input int unsigned strobe);
  // Cycles that an access to this address takes beyond the first.
  import "DPI-C" function int unsigned mlbench_wait(input int unsigned address);
endpackage

// One access at a time: granted when no other is under way or as the last one ends, answered in
// the next cycle, or as many cycles later as the memory has wait states.
module mlbench_port #(
    parameter bit FETCH = 0,
    // Whether the core takes an error. If not, the bench ends the run.
    parameter bit HAS_ERROR = 0
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        req_i,
    output logic        gnt_o,
    input  logic        we_i,
    input  logic [ 3:0] be_i,
    input  logic [31:0] addr_i,
    input  logic [31:0] wdata_i,
    output logic        rvalid_o,
    output logic [31:0] rdata_o,
    output logic        err_o
);
  import mlbench_memory_pkg::*;

  logic busy, failed;
  logic [15:0] left;
  logic [31:0] data;

  assign gnt_o = !busy || left == 0;
  assign rvalid_o = busy && left == 0;
  assign rdata_o = data;
  assign err_o = HAS_ERROR && failed;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy <= 0;
      left <= 0;
      failed <= 0;
    end else if (gnt_o) begin
      busy <= req_i;
      if (req_i) begin
        left <= 16'(mlbench_wait(addr_i));
        if (FETCH) {failed, data} <= 33'(mlbench_fetch(addr_i));
        else if (we_i) failed <= mlbench_store(addr_i, wdata_i, 32'(be_i)) != 0;
        else {failed, data} <= 33'(mlbench_load(addr_i));
      end
    end else begin
      left <= left - 1;
    end
  end
endmodule
