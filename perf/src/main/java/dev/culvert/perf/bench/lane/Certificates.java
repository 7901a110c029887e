// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.perf.bench.site.Side;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One authority and one certificate for both ends of the peers, P-256 as a mesh's are. */
public record Certificates(Path folder) {
  private static final List<String> REQUEST =
      List.of(
          "openssl",
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:P-256",
          "-nodes",
          "-days",
          "2");

  /** Makes them in a folder, with the side's openssl. */
  public static Certificates make(Path folder, Side side) throws IOException {
    Files.createDirectories(folder);
    Certificates made = new Certificates(folder);
    side.answer(made.request("ca", List.of("-subj", "/CN=bench authority")));
    side.answer(
        made.request(
            "peer",
            List.of(
                "-subj",
                "/CN=bench peer",
                "-CA",
                made.file("ca.pem"),
                "-CAkey",
                made.file("ca.key"),
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-addext",
                "subjectAltName=DNS:bench.peer")));
    Files.writeString(
        folder.resolve("both.pem"),
        Files.readString(folder.resolve("peer.pem"))
            + Files.readString(folder.resolve("peer.key")));
    return made;
  }

  /** Their files, by the names that templates have for them. */
  public Map<String, String> variables() {
    return Map.of(
        "ca", file("ca.pem"),
        "certificate", file("peer.pem"),
        "key", file("peer.key"),
        "certificate-and-key", file("both.pem"));
  }

  private List<String> request(String name, List<String> more) {
    List<String> command = new ArrayList<>(REQUEST);
    command.addAll(List.of("-keyout", file(name + ".key"), "-out", file(name + ".pem")));
    command.addAll(more);
    return command;
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }
}
