// PicoRV32 with the bench's memory at its native interface.

module mlbench_core #(
    parameter int unsigned ROM_BASE = 32'h8000_0000
) (
    input  logic        clk_i,
    input  logic        rst_ni,
    output logic [31:0] pc_o,
    output logic        retired_o,
    output logic        trap_o
);
  import mlbench_memory_pkg::*;

  logic valid, la_read, la_write;
  logic [31:0] la_addr, la_wdata, rdata;
  logic [ 3:0] la_wstrb;
  logic [15:0] left;

  // The look-ahead interface tells an access one cycle early, so that memory answers in the very
  // cycle in which it is asked, or as many cycles later as it has wait states.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      left <= 0;
    end else if (la_read || la_write) begin
      left <= 16'(mlbench_wait(la_addr));
      if (la_write) void'(mlbench_store(la_addr, la_wdata, 32'(la_wstrb)));
      else if (core.mem_do_rdata) rdata <= 32'(mlbench_load(la_addr));
      else rdata <= 32'(mlbench_fetch(la_addr));
    end else if (left != 0) begin
      left <= left - 1;
    end
  end

  picorv32 #(
      .COMPRESSED_ISA(1),
      .ENABLE_FAST_MUL(1),
      .ENABLE_DIV(1),
      .BARREL_SHIFTER(1),
      .PROGADDR_RESET(ROM_BASE)
  ) core (
      .clk(clk_i),
      .resetn(rst_ni),
      .trap(trap_o),
      .mem_valid(valid),
      .mem_instr(),
      .mem_ready(valid && left == 0),
      .mem_addr(),
      .mem_wdata(),
      .mem_wstrb(),
      .mem_rdata(rdata),
      .mem_la_read(la_read),
      .mem_la_write(la_write),
      .mem_la_addr(la_addr),
      .mem_la_wdata(la_wdata),
      .mem_la_wstrb(la_wstrb),
      .pcpi_valid(),
      .pcpi_insn(),
      .pcpi_rs1(),
      .pcpi_rs2(),
      .pcpi_wr(1'b0),
      .pcpi_rd(32'b0),
      .pcpi_wait(1'b0),
      .pcpi_ready(1'b0),
      .irq(32'b0),
      .eoi(),
      .trace_valid(),
      .trace_data()
  );

  assign pc_o = core.reg_pc;
  assign retired_o = core.launch_next_insn;
endmodule
