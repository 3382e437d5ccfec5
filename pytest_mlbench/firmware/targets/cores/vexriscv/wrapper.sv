// VexRiscv between two Wishbone ports of the bench's memory.

// Answers in the cycle after the request, or as many cycles later as the memory has wait states.
// In an incrementing burst (a cache line) the next word follows without a new request.
module mlbench_wishbone #(
    parameter bit FETCH = 0
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic        cyc_i,
    input  logic        stb_i,
    input  logic        we_i,
    input  logic [29:0] adr_i,
    input  logic [31:0] dat_i,
    input  logic [ 3:0] sel_i,
    input  logic [ 2:0] cti_i,
    output logic [31:0] dat_o,
    output logic        ack_o,
    output logic        err_o
);
  import mlbench_memory_pkg::*;

  localparam logic [2:0] INCREMENTING = 3'b010;

  logic busy, failed, next;
  logic [15:0] left;
  logic [31:0] data, address;

  assign ack_o = busy && left == 0 && !(FETCH && failed);
  assign err_o = busy && left == 0 && FETCH && failed;
  assign dat_o = data;
  assign next = ack_o && cti_i == INCREMENTING && !we_i;
  assign address = {next ? adr_i + 30'd1 : adr_i, 2'b0};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      busy <= 0;
      left <= 0;
      failed <= 0;
    end else if (!busy || left == 0) begin
      busy <= cyc_i && stb_i && (!busy || next);
      if (cyc_i && stb_i && (!busy || next)) begin
        left <= 16'(mlbench_wait(address));
        if (FETCH) {failed, data} <= 33'(mlbench_fetch(address));
        else if (we_i) void'(mlbench_store(address, dat_i, 32'(sel_i)));
        else {failed, data} <= 33'(mlbench_load(address));
      end
    end else begin
      left <= left - 1;
    end
  end
endmodule

module mlbench_core #(
    parameter int unsigned ROM_BASE = 32'h4000_0000
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    output logic [31:0] pc_o,
    output logic        retired_o,
    output logic        trap_o
);
  logic icyc, istb, iack, ierr, dcyc, dstb, dack, derr, dwe;
  logic [29:0] iadr, dadr;
  logic [31:0] idat, dread, dwrite;
  logic [3:0] dsel;
  logic [2:0] icti, dcti;

  mlbench_wishbone #(
      .FETCH(1)
  ) fetches (
      .clk_i,
      .rst_ni,
      .cyc_i(icyc),
      .stb_i(istb),
      .we_i (1'b0),
      .adr_i(iadr),
      .dat_i(32'b0),
      .sel_i(4'b0),
      .cti_i(icti),
      .dat_o(idat),
      .ack_o(iack),
      .err_o(ierr)
  );

  mlbench_wishbone accesses (
      .clk_i,
      .rst_ni,
      .cyc_i(dcyc),
      .stb_i(dstb),
      .we_i (dwe),
      .adr_i(dadr),
      .dat_i(dwrite),
      .sel_i(dsel),
      .cti_i(dcti),
      .dat_o(dread),
      .ack_o(dack),
      .err_o(derr)
  );

  VexRiscv core (
      .externalResetVector(ROM_BASE),
      .timerInterrupt(1'b0),
      .softwareInterrupt(1'b0),
      .externalInterruptArray(32'b0),
      .iBusWishbone_CYC(icyc),
      .iBusWishbone_STB(istb),
      .iBusWishbone_ACK(iack),
      .iBusWishbone_WE(),
      .iBusWishbone_ADR(iadr),
      .iBusWishbone_DAT_MISO(idat),
      .iBusWishbone_DAT_MOSI(),
      .iBusWishbone_SEL(),
      .iBusWishbone_ERR(ierr),
      .iBusWishbone_CTI(icti),
      .iBusWishbone_BTE(),
      .dBusWishbone_CYC(dcyc),
      .dBusWishbone_STB(dstb),
      .dBusWishbone_ACK(dack),
      .dBusWishbone_WE(dwe),
      .dBusWishbone_ADR(dadr),
      .dBusWishbone_DAT_MISO(dread),
      .dBusWishbone_DAT_MOSI(dwrite),
      .dBusWishbone_SEL(dsel),
      .dBusWishbone_ERR(derr),
      .dBusWishbone_CTI(dcti),
      .dBusWishbone_BTE(),
      .clk(clk_i),
      .reset(!rst_ni)
  );

  assign pc_o = core.lastStagePc;
  assign retired_o = core.lastStageIsFiring;
  assign trap_o = 1'b0;
endmodule
