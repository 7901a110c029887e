// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import dev.culvert.agent.peers.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Lists that others write too. */
final class RewrittenListTest extends ConflistCase {
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
}
