// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the daemons write that counts: certificates, and what they should never write. */
final class DaemonLogs {
  private static final Pattern CERTIFICATE =
      Pattern.compile("certificate for (spiffe://\\S+) is good until ");
  private static final List<String> NEVER =
      List.of("LEAK: ", "OutOfMemoryError", "StackOverflowError", "Exception in thread");
  private static final int MOST_TOLD = 20;

  private final Map<String, LogTail> tails = new TreeMap<>();
  private final Map<String, Integer> certificates = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();

  void look(Map<String, LabProcess> daemons) throws IOException {
    for (Map.Entry<String, LabProcess> daemon : daemons.entrySet()) {
      String name = daemon.getKey();
      tails
          .computeIfAbsent(name, n -> new LogTail(daemon.getValue().log()))
          .next()
          .forEach(line -> heard(name, line));
    }
  }

  void heard(String daemon, String line) {
    Matcher certificate = CERTIFICATE.matcher(line);
    if (certificate.find()) {
      certificates.merge(daemon + " " + certificate.group(1), 1, Integer::sum);
    }
    if (complaints.size() < MOST_TOLD && NEVER.stream().anyMatch(line::contains)) {
      complaints.add("%s wrote: %s".formatted(daemon, line));
    }
  }

  /** Certificates that took the place of another. */
  int renewals() {
    return certificates.values().stream().mapToInt(count -> count - 1).sum();
  }

  List<String> complaints() {
    return List.copyOf(complaints);
  }
}
