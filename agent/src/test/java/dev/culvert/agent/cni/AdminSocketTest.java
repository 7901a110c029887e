// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AdminSocketTest {
  private static final Map<String, Answer> ANSWERS =
      Map.of(
          "status",
          () -> List.of("agent", "pod"),
          "broken",
          () -> {
            throw new IOException("no such pin");
          });

  @TempDir private Path folder;
  private Path path;
  private AdminSocket socket;

  @BeforeEach
  void listen() throws IOException {
    path = folder.resolve("run/agent.sock");
    socket = AdminSocket.listen(path, ANSWERS);
  }

  @AfterEach
  void close() {
    socket.close();
  }

  @Test
  void lineIsAnsweredThenTheEnd() throws Exception {
    assertThat(ask("status\n")).isEqualTo("agent\npod\n");
    assertThat(ask("  status\r\nmore\n")).isEqualTo("agent\npod\n");
  }

  @Test
  void unknownRequestListsTheKnownOnes() throws Exception {
    assertThat(ask("reboot\n"))
        .isEqualTo("error: unknown request 'reboot'; ask one of: broken, status\n");
    assertThat(ask("x".repeat(1024))).startsWith("error: unknown request");
  }

  @Test
  void failureIsTheAnswer() throws Exception {
    assertThat(ask("broken\n")).isEqualTo("error: no such pin\n");
  }

  @Test
  void silentCallerDoesNotKeepOthersWaiting() throws Exception {
    try (SocketChannel silent = connect()) {
      assertThat(ask("status\n")).isEqualTo("agent\npod\n");
      assertThat(silent.isConnected()).isTrue();
    }
  }

  @Test
  void otherUsersAreRefused() throws Exception {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
    openToAll(path.getParent());
    Process nobody =
        new ProcessBuilder(
                "setpriv",
                "--reuid=65534",
                "--clear-groups",
                "perl",
                "-MSocket",
                "-e",
                "socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un($ARGV[0])) or die $!;"
                    + " syswrite(S, qq(status\\n)); sysread(S, $answer, 1000); print $answer",
                path.toString())
            .redirectErrorStream(true)
            .start();
    String heard = new String(nobody.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(heard).startsWith("error: only root may ask, not uid 65534");
  }

  private void openToAll(Path innermost) throws IOException {
    for (Path each = innermost; each.startsWith(folder); each = each.getParent()) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
  }

  @Test
  void secondAgentIsRefused() {
    assertThatThrownBy(() -> AdminSocket.listen(path, ANSWERS))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another agent is running");
  }

  @Test
  void socketOfDeadAgentIsReplaced() throws Exception {
    Path stale = folder.resolve("stale.sock");
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(stale));
    }
    AdminSocket.listen(stale, ANSWERS).close();
    assertThat(stale).doesNotExist();
  }

  @Test
  void fileIsKept() throws Exception {
    Path file = Files.writeString(folder.resolve("precious"), "data");
    assertThatThrownBy(() -> AdminSocket.listen(file, ANSWERS)).hasMessageContaining("no socket");
    assertThat(file).hasContent("data");
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(path));
  }

  private String ask(String request) throws IOException {
    try (SocketChannel channel = connect()) {
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      ByteBuffer answer = ByteBuffer.allocate(10_000);
      while (channel.read(answer) >= 0) {
        // Until the end.
      }
      return new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
    }
  }
}
