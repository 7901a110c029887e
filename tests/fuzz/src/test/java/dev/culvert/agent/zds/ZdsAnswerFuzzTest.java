// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.linux.socket.SeqpacketServer;
import dev.culvert.linux.socket.SeqpacketSocket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** A false ztunnel's first and second packet. */
class ZdsAnswerFuzzTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @FuzzTest
  void packet(byte[] input) throws IOException {
    if (input.length == 0) {
      return;
    }
    Path folder = Files.createTempDirectory("zds");
    try (SeqpacketServer server = SeqpacketServer.listen(folder.resolve("s"));
        SeqpacketSocket ztunnel = SeqpacketSocket.connect(server.path());
        ZdsConnection agent = new ZdsConnection(server.accept(PATIENCE), PATIENCE)) {
      ztunnel.send(input, PATIENCE);
      ztunnel.send(input, PATIENCE);
      talk(agent);
    } finally {
      Files.deleteIfExists(folder.resolve("s"));
      Files.delete(folder);
    }
  }

  private static void talk(ZdsConnection agent) throws IOException {
    try {
      agent.awaitHello();
      Optional<String> error = agent.exchange(new ZdsRequest.Del("1"));
      error.ifPresent(reason -> assertThat(reason).isNotEmpty());
    } catch (ZdsProtocolException e) {
      assertThat(e.getMessage()).isNotBlank();
    }
  }
}
