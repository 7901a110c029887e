// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The lines that a ztunnel writes when inbound connections end. */
record AccessLog(Path file) {
  private static final Pattern SOURCE = Pattern.compile("src\\.addr=(\\S+):\\d+ ");
  private static final Pattern DESTINATION = Pattern.compile("dst\\.addr=(\\S+):(\\d+) ");
  private static final Pattern IDENTITY = Pattern.compile("src\\.identity=\"([^\"]*)\"");

  /**
   * The proven identities, empty for none, of the source's connections to the destination, oldest
   * first.
   */
  List<Optional<String>> sources(InetAddress from, InetSocketAddress to) throws IOException {
    return Files.readAllLines(file).stream()
        .filter(line -> line.contains("direction=\"inbound\"") && matches(line, from, to))
        .map(AccessLog::identity)
        .toList();
  }

  private static boolean matches(String line, InetAddress from, InetSocketAddress to) {
    Matcher source = SOURCE.matcher(line);
    Matcher destination = DESTINATION.matcher(line);
    return source.find()
        && destination.find()
        && address(source.group(1)).equals(from)
        && address(destination.group(1)).equals(to.getAddress())
        && Integer.parseInt(destination.group(2)) == to.getPort();
  }

  private static InetAddress address(String text) {
    return InetAddress.ofLiteral(text.replaceAll("[\\[\\]]", ""));
  }

  private static Optional<String> identity(String line) {
    Matcher identity = IDENTITY.matcher(line);
    return identity.find() ? Optional.of(identity.group(1)) : Optional.empty();
  }
}
