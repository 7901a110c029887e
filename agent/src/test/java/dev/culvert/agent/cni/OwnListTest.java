// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A list of our own, which comes before the one of the CNI. */
final class OwnListTest extends ConflistCase {
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
}
