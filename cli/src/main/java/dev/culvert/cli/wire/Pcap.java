// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.wire;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A capture file of Ethernet frames in the classic format; see pcap-savefile(5).
 *
 * @param frames in the order they were seen; a last one that is cut short is left out
 */
public record Pcap(List<ByteBuffer> frames) {
  private static final int MICROSECONDS = 0xa1b2c3d4;
  private static final int NANOSECONDS = 0xa1b23c4d;
  private static final int FILE_HEADER = 24;
  private static final int FRAME_HEADER = 16;
  private static final int ETHERNET = 1;

  public Pcap {
    frames = List.copyOf(frames);
  }

  /**
   * Reads a file, also one that is still being written.
   *
   * @throws IOException when it is no capture of Ethernet frames
   */
  public static Pcap read(Path file) throws IOException {
    return parse(ByteBuffer.wrap(Files.readAllBytes(file)), file.toString());
  }

  static Pcap parse(ByteBuffer in, String name) throws IOException {
    if (in.remaining() < FILE_HEADER) {
      throw new IOException(name + ": too short for a capture file");
    }
    in.order(order(in, name));
    int linkType = in.getInt(in.position() + 20) & 0xffff;
    if (linkType != ETHERNET) {
      throw new IOException("%s: link type %d is not Ethernet".formatted(name, linkType));
    }
    in.position(in.position() + FILE_HEADER);
    return new Pcap(frames(in));
  }

  private static ByteOrder order(ByteBuffer in, String name) throws IOException {
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      int magic = in.order(order).getInt(in.position());
      if (magic == MICROSECONDS || magic == NANOSECONDS) {
        return order;
      }
    }
    throw new IOException(name + ": is no capture file of the classic format");
  }

  private static List<ByteBuffer> frames(ByteBuffer in) {
    List<ByteBuffer> frames = new ArrayList<>();
    while (in.remaining() >= FRAME_HEADER) {
      int length = in.getInt(in.position() + 8);
      if (length < 0 || length > in.remaining() - FRAME_HEADER) {
        return frames;
      }
      frames.add(in.slice(in.position() + FRAME_HEADER, length));
      in.position(in.position() + FRAME_HEADER + length);
    }
    return frames;
  }
}
