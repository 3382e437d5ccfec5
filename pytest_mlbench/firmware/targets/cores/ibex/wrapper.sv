// Ibex between two ports of the bench's memory.

// A gate that is always open: nothing here sleeps, and the model has one clock only.
module prim_clock_gating (
    input  logic clk_i,
    input  logic en_i,
    input  logic test_en_i,
    output logic clk_o
);
  assign clk_o = clk_i;
endmodule

module mlbench_core
  import ibex_pkg::*;
#(
    parameter int unsigned ROM_BASE = 32'h8000_0000,
    parameter bit SINGLE_CYCLE_MULTIPLIER = 0,
    parameter bit BRANCH_TARGET_ALU = 0,
    parameter bit WRITEBACK_STAGE = 0
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    output logic [31:0] pc_o,
    output logic        retired_o,
    output logic        trap_o
);
  logic instr_req, instr_gnt, instr_rvalid, instr_err;
  logic [31:0] instr_addr, instr_rdata;
  logic data_req, data_gnt, data_rvalid, data_we, data_err;
  logic [3:0] data_be;
  logic [31:0] data_addr, data_wdata, data_rdata;

  mlbench_port #(
      .FETCH(1),
      .HAS_ERROR(1)
  ) instr_port (
      .clk_i,
      .rst_ni,
      .req_i(instr_req),
      .gnt_o(instr_gnt),
      .we_i(1'b0),
      .be_i(4'b0),
      .addr_i(instr_addr),
      .wdata_i(32'b0),
      .rvalid_o(instr_rvalid),
      .rdata_o(instr_rdata),
      .err_o(instr_err)
  );

  mlbench_port #(
      .HAS_ERROR(1)
  ) data_port (
      .clk_i,
      .rst_ni,
      .req_i(data_req),
      .gnt_o(data_gnt),
      .we_i(data_we),
      .be_i(data_be),
      .addr_i(data_addr),
      .wdata_i(data_wdata),
      .rvalid_o(data_rvalid),
      .rdata_o(data_rdata),
      .err_o(data_err)
  );

  // Two instructions at the boot address + 0x80, where the core starts, jump to ROM (bench.cpp).
  ibex_top #(
      .MHPMCounterNum(10),
      .RV32M(SINGLE_CYCLE_MULTIPLIER ? RV32MSingleCycle : RV32MFast),
      .BranchTargetALU(BRANCH_TARGET_ALU),
      .WritebackStage(WRITEBACK_STAGE)
  ) top (
      .clk_i,
      .rst_ni,
      .test_en_i(1'b0),
      .ram_cfg_i('0),
      .hart_id_i(32'b0),
      .boot_addr_i(32'b0),
      .instr_req_o(instr_req),
      .instr_gnt_i(instr_gnt),
      .instr_rvalid_i(instr_rvalid),
      .instr_addr_o(instr_addr),
      .instr_rdata_i(instr_rdata),
      .instr_rdata_intg_i(7'b0),
      .instr_err_i(instr_err),
      .data_req_o(data_req),
      .data_gnt_i(data_gnt),
      .data_rvalid_i(data_rvalid),
      .data_we_o(data_we),
      .data_be_o(data_be),
      .data_addr_o(data_addr),
      .data_wdata_o(data_wdata),
      .data_wdata_intg_o(),
      .data_rdata_i(data_rdata),
      .data_rdata_intg_i(7'b0),
      .data_err_i(data_err),
      .irq_software_i(1'b0),
      .irq_timer_i(1'b0),
      .irq_external_i(1'b0),
      .irq_fast_i(15'b0),
      .irq_nm_i(1'b0),
      .scramble_key_valid_i(1'b0),
      .scramble_key_i('0),
      .scramble_nonce_i('0),
      .scramble_req_o(),
      .debug_req_i(1'b0),
      .crash_dump_o(),
      .double_fault_seen_o(),
      .fetch_enable_i(IbexMuBiOn),
      .alert_minor_o(),
      .alert_major_internal_o(),
      .alert_major_bus_o(),
      .core_sleep_o(),
      .scan_rst_ni(1'b1)
  );

  assign pc_o = top.u_ibex_core.pc_id;
  assign retired_o = top.u_ibex_core.perf_instr_ret_wb;
  assign trap_o = 1'b0;
endmodule
