// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.culvert.agent.peers.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConflistFolderTest {
  private static final String SINGLE = "{\"cniVersion\":\"0.3.1\",\"type\":\"bridge\"}";
  private static final Path SOCKET = Path.of("/run/culvert/cni.sock");

  @TempDir private Path folder;
  private Path list;

  @BeforeEach
  void write() throws IOException {
    list = folder.resolve("10-calico.conflist");
    Files.writeString(list, conflist(0));
  }

  private static String conflist(int revision) {
    return """
        {"name":"k8s","cniVersion":"1.0.0","plugins":[{"type":"calico","mtu":1.50e3,"rev":%d},{"type":"portmap"}]}
        """
        .formatted(revision);
  }

  private void await(String... parts) throws Exception {
    Await.until(
        () -> Stream.of(parts).allMatch(read()::contains), () -> "the list stays " + read());
  }

  private static void awaitGone(Path file) throws Exception {
    Await.until(() -> !Files.exists(file), () -> file + " stays");
  }

  private String read() throws IOException {
    return Files.readString(list);
  }

  private ConflistFolder keep() throws IOException {
    return ConflistFolder.keep(folder, SOCKET, false);
  }

  private ConflistFolder keepOwn() throws IOException {
    return ConflistFolder.keep(folder, SOCKET, true);
  }

  @Test
  void ownListComesFirstAndStaysWhenAnotherIsWrittenAnewWithoutAnAgent() throws Exception {
    Path theirs = list;
    list = folder.resolve("00-culvert.conflist");
    try (ConflistFolder _ = keepOwn()) {
      awaitThere(list);
      await(Conflist.TYPE, "\"calico\"");
    }
    assertThat(theirs).content().isEqualTo(conflist(0));
    Files.writeString(theirs, conflist(1)); // the node boots, and its CNI is quicker than the agent
    assertThat(firstByName()).isEqualTo("00-culvert.conflist");
    assertThat(read()).contains(Conflist.TYPE);
    try (ConflistFolder _ = keepOwn()) {
      await(Conflist.TYPE, "\"rev\": 1");
    }
    ConflistFolder.restore(folder);
    assertThat(folder.toFile().list()).containsExactly("10-calico.conflist");
    assertThat(theirs).content().isEqualTo(conflist(1));
  }

  @Test
  void ownListFollowsHoweverOftenAnotherIsWritten() throws Exception {
    Path theirs = list;
    list = folder.resolve("00-culvert.conflist");
    try (ConflistFolder _ = keepOwn()) {
      awaitThere(list);
      for (int revision = 1; revision <= 300; revision++) {
        Path draft = Files.writeString(folder.resolve("draft"), conflist(revision));
        Files.move(draft, theirs, ATOMIC_MOVE);
        assertThat(read()).contains(Conflist.TYPE);
      }
      await("\"rev\": 300");
      assertThat(theirs).content().isEqualTo(conflist(300));
    }
  }

  @Test
  void ownListIsMadeOfASinglePluginToo() throws Exception {
    Files.delete(list);
    Path single = Files.writeString(folder.resolve("10-bridge.conf"), SINGLE);
    list = folder.resolve("00-culvert.conflist");
    try (ConflistFolder _ = keepOwn()) {
      awaitThere(list);
      await(Conflist.TYPE, "\"bridge\"");
    }
    assertThat(single).content().isEqualTo(SINGLE);
  }

  @Test
  void ownListGoesWithTheListOfTheCni() throws Exception {
    Path own = folder.resolve("00-culvert.conflist");
    try (ConflistFolder _ = keepOwn()) {
      awaitThere(own);
      Files.delete(list);
      awaitGone(own);
    }
  }

  @Test
  void pluginMovesBetweenTheTwoListsAndIsNeverInNone() throws Exception {
    Path theirs = list;
    Path own = folder.resolve("00-culvert.conflist");
    try (ConflistFolder _ = keep()) {
      await(Conflist.TYPE);
    }
    try (ConflistFolder _ = keepOwn()) {
      awaitThere(own);
      awaitWithout(theirs);
      assertThat(own).content().contains(Conflist.TYPE);
    }
    try (ConflistFolder _ = keep()) {
      awaitGone(own);
      assertThat(read()).contains(Conflist.TYPE);
    }
  }

  @Test
  void listThatWouldComeBeforeOursIsNamed() throws Exception {
    Path before = Files.writeString(folder.resolve("00-a.conflist"), conflist(0));
    assertThatThrownBy(() -> OwnList.follow(before, SOCKET))
        .hasMessageContaining("00-a.conflist comes before")
        .hasMessageContaining("cni-own-list=false");
  }

  private String firstByName() {
    return Stream.of(folder.toFile().list()).sorted().findFirst().orElseThrow();
  }

  private static void awaitThere(Path file) throws Exception {
    Await.until(() -> Files.exists(file), () -> file + " does not come");
  }

  private static void awaitWithout(Path file) throws Exception {
    Await.until(
        () -> !Files.readString(file).contains(Conflist.TYPE), () -> "the plugin stays in " + file);
  }

  @Test
  void pluginIsPutLastAndTakenOut() throws Exception {
    try (ConflistFolder _ = keep()) {
      await(Conflist.TYPE);
    }
    JsonObject edited = JsonParser.parseString(read()).getAsJsonObject();
    assertThat(
            edited.getAsJsonArray("plugins").get(2).getAsJsonObject().get("socket").getAsString())
        .isEqualTo(SOCKET.toString());
    assertThat(read()).contains("1.50e3");
    ConflistFolder.restore(folder);
    assertThat(JsonParser.parseString(read())).isEqualTo(JsonParser.parseString(conflist(0)));
    assertThat(folder.toFile().list()).containsExactly("10-calico.conflist");
  }

  @Test
  void listThatAnotherRewritesIsEditedAgain() throws Exception {
    try (ConflistFolder _ = keep()) {
      for (int revision = 1; revision <= 50; revision++) {
        Path draft = Files.writeString(folder.resolve("draft"), conflist(revision));
        Files.move(draft, list, ATOMIC_MOVE);
        if (revision % 10 == 0) {
          await(Conflist.TYPE);
        }
      }
      await(Conflist.TYPE);
    }
  }

  @Test
  void halfWrittenListIsLeftAloneUntilItIsWhole() throws Exception {
    try (ConflistFolder _ = keep()) {
      await(Conflist.TYPE);
      Files.writeString(list, conflist(7).substring(0, 40));
      Files.writeString(list, conflist(7));
      await(Conflist.TYPE, "\"rev\": 7");
    }
  }

  @Test
  void listThatComesFirstLaterIsTheOne() throws Exception {
    try (ConflistFolder _ = keep()) {
      await(Conflist.TYPE);
      list = folder.resolve("05-cilium.conflist");
      Files.writeString(list, conflist(3));
      await(Conflist.TYPE);
    }
  }

  @Test
  void singlePluginBecomesAListAndComesBack() throws Exception {
    Path single = folder.resolve("05-bridge.conf");
    String text = "{\"cniVersion\":\"1.0.0\",\"name\":\"net\",\"type\":\"bridge\",\"mtu\":1.50e3}";
    Files.writeString(single, text);
    list = folder.resolve("05-bridge.conflist");
    try (ConflistFolder _ = keep()) {
      awaitGone(single);
      await(Conflist.TYPE, "\"bridge\"", "1.50e3");
    }
    JsonObject made = JsonParser.parseString(read()).getAsJsonObject();
    assertThat(made.get("name").getAsString()).isEqualTo("net");
    assertThat(made.get("cniVersion").getAsString()).isEqualTo("1.0.0");
    assertThat(made.getAsJsonArray("plugins")).hasSize(2);

    ConflistFolder.restore(folder);
    assertThat(single).hasContent(text);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("05-bridge.conf", "10-calico.conflist");
  }

  @Test
  void listThatStandsBesideASinglePluginIsNotWrittenOver() throws Exception {
    Path single = Files.writeString(folder.resolve("10-calico.conf"), "{\"type\":\"bridge\"}");
    assertThatThrownBy(() -> SinglePlugin.makeList(single, SOCKET))
        .hasMessageContaining("10-calico.conflist stands beside it");
    assertThat(read()).isEqualTo(conflist(0));
    assertThat(single).exists();
  }

  @Test
  void whatAnotherRenamesIntoPlaceMeanwhileStays() throws Exception {
    String before = read();
    Path draft = Files.writeString(folder.resolve("draft"), conflist(9));
    Files.move(draft, list, ATOMIC_MOVE);
    assertThat(ListEdit.replace(list, before, Conflist.with(before, list, SOCKET))).isFalse();
    assertThat(read()).isEqualTo(conflist(9));
    assertThat(folder.toFile().list()).containsExactly("10-calico.conflist");
  }

  @Test
  void nothingThatAnotherWritesIsLostHoweverTheyRace() throws Exception {
    try (ConflistFolder _ = keep()) {
      for (int revision = 1; revision <= 300; revision++) {
        Path draft = Files.writeString(folder.resolve("draft"), conflist(revision));
        Files.move(draft, list, ATOMIC_MOVE);
        assertThat(JsonParser.parseString(read()).getAsJsonObject().has("plugins")).isTrue();
      }
      await(Conflist.TYPE, "\"rev\": 300");
    }
  }

  @Test
  void ownerAndRightsOfTheListStay() throws Exception {
    Files.setPosixFilePermissions(list, PosixFilePermissions.fromString("rw-r-----"));
    try (ConflistFolder _ = keep()) {
      await(Conflist.TYPE);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(list)))
        .isEqualTo("rw-r-----");
  }

  @Test
  void whoUndoesEachEditIsToldOfAndDoesNotMakeItSpin() throws Exception {
    Path own = folder.resolve("00-culvert.conflist");
    try (ConflistFolder kept = keepOwn()) {
      // As an exclusive CNI: lists of others are moved away as they come.
      Await.until(
          () -> {
            awaitThere(own);
            Files.move(own, folder.resolve("00-culvert.conflist.cilium_bak"), REPLACE_EXISTING);
            return kept.state().edits() >= 15;
          },
          kept::state);
      assertThat(kept.state().note())
          .startsWith(folder + ": another writer undoes each edit")
          .contains("cni.exclusive=false");
      awaitThere(own);
    }
  }

  @Test
  void folderWithoutAListIsToldOf() throws Exception {
    Files.delete(list);
    try (ConflistFolder kept = keep()) {
      await(kept, state -> state.note().startsWith(folder + ": has no .conflist") && !state.isIn());
      Files.writeString(list, conflist(0));
      await(kept, state -> state.note().isEmpty() && state.isIn());
    }
  }

  private static void await(ConflistFolder kept, Predicate<ConflistState> expected)
      throws Exception {
    Await.until(() -> expected.test(kept.state()), () -> "it stays " + kept.state());
  }

  @Test
  void draftOfAnAgentThatWasKilledGoesWithTheRest() throws Exception {
    Files.writeString(folder.resolve(".10-calico.conflist.culvert-draft"), conflist(0));
    Files.writeString(folder.resolve(".10-other.conflist.draft"), "of another");
    ConflistFolder.restore(folder);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("10-calico.conflist", ".10-other.conflist.draft");
  }

  /** A plugin that refuses every call would keep all pods of the node from starting. */
  @Test
  void listOfAVersionThatThePluginDoesNotSpeakIsLeftAsItIs() throws Exception {
    for (String version : List.of("0.2.0", "1.2.0", "")) {
      Files.writeString(list, conflist(0).replace("1.0.0", version));
      try (ConflistFolder kept = keep()) {
        await(kept, state -> state.note().contains("the plugin speaks 0.3.0, 0.3.1"));
        assertThat(kept.state().note()).startsWith(list + ": has ");
        assertThat(kept.state().isIn()).isFalse();
      }
      assertThat(read()).isEqualTo(conflist(0).replace("1.0.0", version));
    }
    assertThatThrownBy(() -> Conflist.with("{\"plugins\":[{\"type\":\"x\"}]}", list, SOCKET))
        .hasMessageContaining("no cniVersion, which means 0.1.0");
  }

  @Test
  void nothingThatAnotherWritesEndsTheWatch() throws Exception {
    try (ConflistFolder kept = keep()) {
      for (String odd :
          List.of("", "null", "[]", "\"x\"", "{\"cniVersion\":null}", "{\"cniVersion\":{}}", "{")) {
        await(kept, ConflistState::isIn);
        Files.writeString(list, odd);
        await(kept, state -> !state.isIn());
        assertThat(kept.state().note()).contains(list.toString()).doesNotContain("\n");
        Files.writeString(list, conflist(1));
      }
      await(kept, ConflistState::isIn);
    }
  }

  @Test
  void whatIsNoListOfPluginsIsRefused() {
    assertThatThrownBy(() -> Conflist.with(versioned(""), list, SOCKET))
        .hasMessageContaining("plugins");
    assertThatThrownBy(() -> Conflist.with("[", list, SOCKET)).hasMessageContaining("10-calico");
    assertThatThrownBy(() -> Conflist.with(versioned(",\"plugins\":[]"), list, SOCKET))
        .hasMessageContaining("must come first");
    assertThatThrownBy(() -> Conflist.with(versioned(",\"plugins\":[{}]"), list, SOCKET))
        .hasMessageContaining("needs a type");
  }

  private static String versioned(String more) {
    return "{\"cniVersion\":\"1.0.0\"%s}".formatted(more);
  }
}
