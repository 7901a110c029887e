// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import dev.culvert.agent.peers.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A folder with the list of a CNI, which the agent keeps. */
abstract class ConflistCase {
  static final String SINGLE = "{\"cniVersion\":\"0.3.1\",\"type\":\"bridge\"}";
  static final Path SOCKET = Path.of("/run/culvert/cni.sock");

  @TempDir Path folder;
  Path list;

  @BeforeEach
  final void write() throws IOException {
    list = folder.resolve("10-calico.conflist");
    Files.writeString(list, conflist(0));
  }

  static String conflist(int revision) {
    return """
        {"name":"k8s","cniVersion":"1.0.0","plugins":[{"type":"calico","mtu":1.50e3,"rev":%d},{"type":"portmap"}]}
        """
        .formatted(revision);
  }

  final void await(String... parts) throws Exception {
    Await.until(
        () -> Stream.of(parts).allMatch(read()::contains), () -> "the list stays " + read());
  }

  static void awaitGone(Path file) throws Exception {
    Await.until(() -> !Files.exists(file), () -> file + " stays");
  }

  final String read() throws IOException {
    return Files.readString(list);
  }

  final ConflistFolder keep() throws IOException {
    return ConflistFolder.keep(folder, SOCKET, false);
  }

  final ConflistFolder keepOwn() throws IOException {
    return ConflistFolder.keep(folder, SOCKET, true);
  }

  static void awaitThere(Path file) throws Exception {
    Await.until(() -> Files.exists(file), () -> file + " does not come");
  }

  static void awaitWithout(Path file) throws Exception {
    Await.until(
        () -> !Files.readString(file).contains(Conflist.TYPE), () -> "the plugin stays in " + file);
  }

  static void await(ConflistFolder kept, Predicate<ConflistState> expected) throws Exception {
    Await.until(() -> expected.test(kept.state()), () -> "it stays " + kept.state());
  }
}
