// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.wire;

import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * The bytes of one direction of a TCP connection, in order.
 *
 * @param from the sender
 * @param to the receiver
 * @param fromTheStart whether the capture saw the connection open
 * @param bytes up to the first byte that the capture missed
 */
public record TcpStream(
    InetSocketAddress from, InetSocketAddress to, boolean fromTheStart, ByteBuffer bytes) {

  /** Every direction that carried something or was opened, in the order they were first seen. */
  public static List<TcpStream> of(Pcap pcap) {
    Map<TcpSegment.Flow, Assembly> flows = new LinkedHashMap<>();
    for (ByteBuffer frame : pcap.frames()) {
      TcpSegment.of(frame)
          .ifPresent(
              s -> flows.computeIfAbsent(s.flow(), flow -> new Assembly(s.sequence())).add(s));
    }
    return flows.entrySet().stream().map(e -> e.getValue().stream(e.getKey())).toList();
  }

  /** Whether these bytes occur in one of the streams. */
  public static boolean anyContains(Collection<TcpStream> streams, String text) {
    return streams.stream().anyMatch(stream -> stream.contains(text));
  }

  /** Whether the bytes of this text occur in the stream. */
  public boolean contains(String text) {
    String all = StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString();
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    return all.contains(new String(wanted, StandardCharsets.ISO_8859_1));
  }

  /** Segments by their distance from the first one, which is right across a wrap of numbers. */
  private static final class Assembly {
    private final int base;
    private final NavigableMap<Integer, ByteBuffer> segments = new TreeMap<>();
    private boolean opened;

    Assembly(int base) {
      this.base = base;
    }

    void add(TcpSegment segment) {
      opened |= segment.syn();
      int at = segment.sequence() - base + (segment.syn() ? 1 : 0);
      ByteBuffer payload = segment.payload();
      if (payload.hasRemaining()) {
        segments.merge(at, payload, (a, b) -> a.remaining() >= b.remaining() ? a : b);
      }
    }

    TcpStream stream(TcpSegment.Flow flow) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      int next = segments.isEmpty() ? 0 : segments.firstKey();
      for (Map.Entry<Integer, ByteBuffer> segment : segments.entrySet()) {
        int known = next - segment.getKey();
        if (known < 0) {
          break;
        }
        ByteBuffer payload = segment.getValue();
        for (int i = known; i < payload.limit(); i++) {
          out.write(payload.get(i));
          next++;
        }
      }
      return new TcpStream(flow.from(), flow.to(), opened, ByteBuffer.wrap(out.toByteArray()));
    }
  }
}
