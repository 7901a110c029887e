// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Answers in gzip for clients that take it (RFC 9110 12.5.3), as Prometheus does: a scrape of many
 * pairs is megabytes of the same labels.
 */
final class Gzip {
  /** A packet, or less, is sent as it is. */
  private static final int WORTH_BYTES = 1_400;

  private static final int BLOCK_BYTES = 16 * 1024;

  private Gzip() {}

  /**
   * @param accepted the fields of Accept-Encoding
   */
  static boolean isFor(List<String> accepted, int bytes) {
    return bytes > WORTH_BYTES && isFor(accepted);
  }

  /** For an answer of a length that nobody knows. */
  static boolean isFor(List<String> accepted) {
    return accepted.stream()
        .flatMap(field -> Arrays.stream(field.split(",")))
        .anyMatch(Gzip::isTaken);
  }

  /** What is written goes on compressed. */
  static OutputStream compressing(OutputStream to) throws IOException {
    return new BufferedOutputStream(new GZIPOutputStream(to, BLOCK_BYTES), BLOCK_BYTES);
  }

  private static boolean isTaken(String coding) {
    List<String> parts =
        Stream.of(coding.split(";")).map(part -> part.strip().toLowerCase(Locale.ROOT)).toList();
    return parts.getFirst().equals("gzip")
        && parts.stream().skip(1).noneMatch(part -> part.matches("q *= *0(\\.0*)?"));
  }

  static byte[] compressed(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 8);
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e); // it is memory
    }
    return out.toByteArray();
  }
}
