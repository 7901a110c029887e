// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/** The lines of connections that are over, as one of their two sides tells of them. */
final class EndedLines implements LogBatch {
  private final AccessEntry all;
  private final EndedConnections ended;
  private final String source;
  private final KnownFields ends;
  private final KnownFields result;

  /**
   * @param all what is said of each of them; but for the client's port, the bytes and the time
   */
  EndedLines(AccessEntry all, EndedConnections ended) {
    this.all = all;
    this.ended = ended;
    this.source = withoutPort(all.info().source());
    this.ends = new KnownFields(all::writeEnds);
    this.result = new KnownFields(all::writeResult);
  }

  private static String withoutPort(InetSocketAddress source) {
    String text = NetUtil.toSocketAddressString(new InetSocketAddress(source.getAddress(), 0));
    return text.substring(0, text.length() - 1);
  }

  @Override
  public int count() {
    return ended.count();
  }

  @Override
  public LogEntry entry(int index) {
    return new Line(this, index);
  }

  private record Line(EndedLines of, int index) implements LogEntry {
    @Override
    public String message() {
      return of.all.message();
    }

    @Override
    public void writeTo(Fields fields) {
      fields.plain("src.addr", of.source + of.ended.port(index));
      fields.known(of.ends);
      fields.number("bytes_sent", of.ended.sent(index));
      fields.number("bytes_recv", of.ended.received(index));
      fields.text("duration", of.ended.millis(index) + "ms");
      fields.known(of.result);
    }
  }
}
