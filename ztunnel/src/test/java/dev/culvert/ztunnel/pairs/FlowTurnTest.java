// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.telemetry.EndedConnections;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Reports in the bytes of struct culvert_flow_report. */
class FlowTurnTest {
  private static final int SIZE = 112;
  private static final String WEB = "198.18.0.1";
  private static final String SHOP = "fd00:c01::1";

  private record Told(FlowReport.Ends ends, int count) {}

  private final List<Told> told = new ArrayList<>();
  private final FlowTurn turn = new FlowTurn(this::tell);
  private final byte[] element = new byte[SIZE];

  private void tell(FlowReport.Ends ends, EndedConnections ended) {
    told.add(new Told(ends, ended.count()));
  }

  @Test
  void fieldsAreWhereTheKernelPutsThem() {
    FlowReport report = report(7, 8, WEB, 40_000, true);

    assertThat(report.ends())
        .isEqualTo(
            new FlowReport.Ends(
                7,
                8,
                InetAddress.ofLiteral("198.18.0.9"),
                new InetSocketAddress(InetAddress.ofLiteral(WEB), 8080),
                new InetSocketAddress(InetAddress.ofLiteral(WEB), 80),
                true));
    assertThat(report.clientPort()).isEqualTo(40_000);
    assertThat(report.millis()).isEqualTo(25);
    assertThat(report.sent()).isEqualTo(84);
    assertThat(report.received()).isEqualTo(358);
  }

  @Test
  void sameEndsAreToldTogetherHoweverTheyCome() {
    for (int port = 40_000; port < 40_003; port++) {
      turn.add(report(7, 8, WEB, port, true));
      turn.add(report(7, 9, SHOP, port, true));
    }
    turn.add(report(7, 8, WEB, 40_003, false));
    assertThat(told).isEmpty();

    turn.over();
    assertThat(told)
        .containsExactlyInAnyOrder(
            new Told(report(7, 8, WEB, 1, true).ends(), 3),
            new Told(report(7, 9, SHOP, 1, true).ends(), 3),
            new Told(report(7, 8, WEB, 1, false).ends(), 1));
  }

  @Test
  void manyAreToldBeforeTheTurnIsOver() {
    for (int i = 0; i < 1_000; i++) {
      turn.add(report(7, 8, WEB, i, true));
    }
    assertThat(told).isNotEmpty();

    turn.over();
    assertThat(told.stream().mapToInt(Told::count).sum()).isEqualTo(1_000);
  }

  /** In the same bytes each time, as they are read. */
  private FlowReport report(
      long source, long destination, String server, int clientPort, boolean opened) {
    boolean v4 = server.equals(WEB);
    ByteBuffer bytes = ByteBuffer.wrap(element).order(ByteOrder.nativeOrder());
    bytes.putLong(source).putLong(destination);
    endpoint(bytes, v4 ? "198.18.0.9" : "fd00:c01::9", clientPort);
    endpoint(bytes, server, 8080);
    endpoint(bytes, server, 80);
    bytes.putInt(opened ? 1 : 0).putLong(5_000_000).putLong(30_999_999).putLong(84).putLong(358);
    return new FlowReport(element);
  }

  private static void endpoint(ByteBuffer bytes, String address, int port) {
    byte[] ip = InetAddress.ofLiteral(address).getAddress();
    byte[] mapped = new byte[16];
    System.arraycopy(ip, 0, mapped, 16 - ip.length, ip.length);
    if (ip.length == 4) {
      mapped[10] = mapped[11] = (byte) 0xff;
    }
    bytes.put(mapped).put((byte) (port >> 8)).put((byte) port).putShort((short) 0);
  }
}
