// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.log;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.culvert.ztunnel.telemetry.AccessLog;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.slf4j.Marker;

/** Writes lines that are laid out already as they are, and leaves the others to another encoder. */
final class WholeLineEncoder extends EncoderBase<ILoggingEvent> {
  private final Encoder<ILoggingEvent> others;

  WholeLineEncoder(Encoder<ILoggingEvent> others) {
    this.others = others;
  }

  @Override
  public byte[] headerBytes() {
    return others.headerBytes();
  }

  @Override
  public byte[] footerBytes() {
    return others.footerBytes();
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    return isWhole(event.getMarkerList())
        ? (event.getMessage() + "\n").getBytes(StandardCharsets.UTF_8)
        : others.encode(event);
  }

  private static boolean isWhole(List<Marker> markers) {
    return markers != null && markers.contains(AccessLog.WHOLE_LINE);
  }
}
