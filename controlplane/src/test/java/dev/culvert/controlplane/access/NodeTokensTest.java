// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.state.StateFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeTokensTest {
  @TempDir private Path folder;
  private StateFolder state;
  private NodeTokens tokens;

  @BeforeEach
  void open() {
    state = StateFolder.open(folder);
    tokens = new NodeTokens(state);
  }

  @AfterEach
  void close() {
    state.close();
  }

  @Test
  void namedNodeGetsToken() throws Exception {
    tokens.refresh(List.of("one", "two"));
    assertThat(tokens.find(token("one"))).contains("one");
    assertThat(tokens.find(token("two"))).contains("two");
    assertThat(token("one")).isNotEqualTo(token("two")).hasSize(43);
    assertThat(mode(NodeTokens.file(folder, "one"))).isEqualTo("rw-------");
    assertThat(mode(folder.resolve("nodes"))).isEqualTo("rwx------");
  }

  @Test
  void wrongTokensAreOfNoNode() throws Exception {
    tokens.refresh(List.of("one"));
    String token = token("one");
    for (String wrong : List.of("", token.substring(1), token + "x", "one", "x".repeat(1 << 20))) {
      assertThat(tokens.find(wrong)).isEmpty();
    }
  }

  @Test
  void restartKeepsTokens() throws Exception {
    tokens.refresh(List.of("one"));
    String token = token("one");
    NodeTokens restarted = new NodeTokens(state);
    restarted.refresh(List.of("one"));
    assertThat(restarted.find(token)).contains("one");
  }

  @Test
  void deletedFileRevokesToken() throws Exception {
    tokens.refresh(List.of("one"));
    String token = token("one");
    Files.delete(NodeTokens.file(folder, "one"));
    tokens.refresh(List.of("one"));
    assertThat(tokens.find(token)).isEmpty();
    assertThat(tokens.find(token("one"))).contains("one");
  }

  @Test
  void nodeThatIsNoLongerNamedKeepsItsToken() throws Exception {
    tokens.refresh(List.of("one"));
    tokens.refresh(List.of());
    assertThat(tokens.find(token("one"))).contains("one");
  }

  @Test
  void garbledFileIsWorthNothing() throws Exception {
    tokens.refresh(List.of("one", "two"));
    for (String garbled : List.of("", "short", "a b".repeat(20), "\u0000".repeat(43))) {
      Files.writeString(NodeTokens.file(folder, "one"), garbled);
      tokens.refresh(List.of("one", "two"));
      assertThat(tokens.find(garbled.strip())).isEmpty();
      assertThat(tokens.find(token("two"))).contains("two");
    }
  }

  @Test
  void nameThatLeavesTheFolderGetsNoToken() throws Exception {
    tokens.refresh(List.of("../one", "a/b", "", ".", "..", "Upper", "x".repeat(254), "nul\0"));
    try (var files = Files.list(folder.resolve("nodes"))) {
      assertThat(files).isEmpty();
    }
  }

  private String token(String node) throws Exception {
    return Files.readString(NodeTokens.file(folder, node)).strip();
  }

  private static String mode(Path file) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
