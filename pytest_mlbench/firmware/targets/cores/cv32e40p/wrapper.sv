// CV32E40P between two ports of the bench's memory.

// A gate that is always open: nothing here sleeps, and the model has one clock only.
module cv32e40p_clock_gate (
    input  logic clk_i,
    input  logic en_i,
    input  logic scan_cg_en_i,
    output logic clk_o
);
  assign clk_o = clk_i;
endmodule

module mlbench_core #(
    parameter int COREV_PULP = 0,
    parameter int unsigned ROM_BASE = 32'h8000_0000
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    output logic [31:0] pc_o,
    output logic        retired_o,
    output logic        trap_o
);
  logic instr_req, instr_gnt, instr_rvalid;
  logic [31:0] instr_addr, instr_rdata;
  logic data_req, data_gnt, data_rvalid, data_we;
  logic [3:0] data_be;
  logic [31:0] data_addr, data_wdata, data_rdata;

  mlbench_port #(
      .FETCH(1)
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
      .err_o()
  );

  mlbench_port data_port (
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
      .err_o()
  );

  cv32e40p_top #(
      .COREV_PULP(COREV_PULP),
      .NUM_MHPMCOUNTERS(8)
  ) top (
      .clk_i,
      .rst_ni,
      .pulp_clock_en_i(1'b1),
      .scan_cg_en_i(1'b0),
      .boot_addr_i(ROM_BASE),
      .mtvec_addr_i(ROM_BASE),
      .dm_halt_addr_i(32'b0),
      .hart_id_i(32'b0),
      .dm_exception_addr_i(32'b0),
      .instr_req_o(instr_req),
      .instr_gnt_i(instr_gnt),
      .instr_rvalid_i(instr_rvalid),
      .instr_addr_o(instr_addr),
      .instr_rdata_i(instr_rdata),
      .data_req_o(data_req),
      .data_gnt_i(data_gnt),
      .data_rvalid_i(data_rvalid),
      .data_we_o(data_we),
      .data_be_o(data_be),
      .data_addr_o(data_addr),
      .data_wdata_o(data_wdata),
      .data_rdata_i(data_rdata),
      .irq_i(32'b0),
      .irq_ack_o(),
      .irq_id_o(),
      .debug_req_i(1'b0),
      .debug_havereset_o(),
      .debug_running_o(),
      .debug_halted_o(),
      .fetch_enable_i(1'b1),
      .core_sleep_o()
  );

  assign pc_o = top.core_i.pc_id;
  assign retired_o = top.core_i.mhpmevent_minstret;
  assign trap_o = 1'b0;
endmodule
