// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.uring.IoUring;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The transports that scenarios run over, as the ztunnel's setting names them. */
public final class Transports {
  private static final String WANTED = System.getProperty("culvert.tests.transports", "");

  private Transports() {}

  /** Those of this machine; the system property culvert.tests.transports narrows them. */
  public static Stream<String> available() {
    List<String> wanted = Arrays.asList(WANTED.split(",", -1));
    return Stream.of("nio", "epoll", "io_uring")
        .filter(transport -> WANTED.isEmpty() || wanted.contains(transport))
        .filter(Transports::isAvailable);
  }

  private static boolean isAvailable(String transport) {
    return switch (transport) {
      case "epoll" -> Epoll.isAvailable();
      case "io_uring" -> IoUring.isAvailable();
      default -> true;
    };
  }
}
