// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class EvidenceTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Screen screen =
      new Screen(new PrintStream(printed, true, StandardCharsets.UTF_8), false);

  @Test
  void noFindingProvesNothing() {
    assertThat(new Findings().hold()).isFalse();
    assertThat(new Findings().saw(true, "a").hold()).isTrue();
    assertThat(new Findings().saw(true, "a").saw(false, "b").hold()).isFalse();
  }

  @Test
  void proofThatCannotLookFailsWithItsCause() {
    boolean good =
        screen.proof(
            "water is wet",
            () -> {
              throw new IOException("no water", new IOException("the tap is closed"));
            });
    assertThat(good).isFalse();
    assertThat(text()).contains("FAIL water is wet").contains("no water: the tap is closed");
  }

  @Test
  void plainOutputHasNoControlCharacters() throws IOException {
    assertThat(screen.step("work", () -> "result")).isEqualTo("result");
    assertThat(screen.proof("claim", () -> new Findings().saw(true, "seen"))).isTrue();
    assertThat(text()).contains("✔ work").contains("PASS claim").doesNotContain("\u001b", "\r");
  }

  @Test
  void kernelTableAddresses() throws IOException {
    assertThat(TcpTable.address("0100007F:3A99"))
        .isEqualTo(new InetSocketAddress(InetAddress.getLoopbackAddress(), 15001));
    assertThat(TcpTable.address("0000000000000000FFFF00000A0112C6:1F90").getAddress().toString())
        .isEqualTo("/198.18.1.10");
    assertThat(TcpTable.address("010C00FD000001000000000000000A00:0050").getAddress())
        .isEqualTo(InetAddress.getByName("fd00:c01:1::a:0"));
  }

  @Test
  void kernelTableHoldsAnOpenConnection() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      assertThat(TcpTable.of(ProcessHandle.current().pid()).fromLocalPort(client.getLocalPort()))
          .anyMatch(entry -> entry.remote().getPort() == server.getLocalPort());
    }
  }

  @Test
  void accessLineWithQuotedAndPlainFields() {
    AccessLog.Connection line =
        AccessLog.parse(
            "2026-11-21T10:00:00.000Z INFO  access connection complete src.addr=198.18.1.10:4000"
                + " src.identity=\"spiffe://cluster.local/ns/shop/sa/client\" bytes_sent=3"
                + " error=\"denied by policy: shop/db\"");
    assertThat(line.get("src.addr")).isEqualTo("198.18.1.10:4000");
    assertThat(line.has("src.identity", "spiffe://cluster.local/ns/shop/sa/client")).isTrue();
    assertThat(line.get("error")).isEqualTo("denied by policy: shop/db");
    assertThat(line.get("dst.addr")).isEqualTo("-");
  }

  @Test
  void openLineOfIpv6() {
    OpenLine open = OpenLine.parse("open local=[fd00:c01:1::a]:40000 peer=[fd00:c01::b]:9000");
    assertThat(open.localPort()).isEqualTo(40000);
    assertThat(open.peer()).isEqualTo("[fd00:c01::b]:9000");
  }

  @Test
  void membersOfAnAnswer() {
    Curl.Answer answer = new Curl.Answer(0, "{\"pod\":\"web-v1\",\"client\":\"198.18.1.10\"}", "");
    assertThat(answer.member("client")).isEqualTo("198.18.1.10");
    assertThat(answer.member("other")).isEmpty();
    assertThat(new Curl.Answer(7, "", "curl: (7) Failed to connect").failure())
        .isEqualTo("curl exit 7, Failed to connect");
  }

  private String text() {
    return printed.toString(StandardCharsets.UTF_8);
  }
}
