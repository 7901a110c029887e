// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which list the plugin is put into, and how it gets out again. */
final class ConflistFolderTest extends ConflistCase {
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
  void ownerAndRightsOfTheListStay() throws Exception {
    Files.setPosixFilePermissions(list, PosixFilePermissions.fromString("rw-r-----"));
    try (ConflistFolder _ = keep()) {
      await(Conflist.TYPE);
    }
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(list)))
        .isEqualTo("rw-r-----");
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
