// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallCredentials.MetadataApplier;
import io.grpc.Metadata;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BearerTokenTest {
  @TempDir private Path folder;
  private Path file;
  private Metadata shown;
  private Status failed;

  @BeforeEach
  void nothingYet() {
    file = folder.resolve("token");
  }

  private void show(NodeToken token) {
    shown = null;
    failed = null;
    new BearerToken(token, "east")
        .applyRequestMetadata(
            null,
            Runnable::run,
            new MetadataApplier() {
              @Override
              public void apply(Metadata headers) {
                shown = headers;
              }

              @Override
              public void fail(Status status) {
                failed = status;
              }
            });
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  @Test
  void readAgainForEachCall() throws IOException {
    for (String text : new String[] {"first", "second"}) {
      Files.writeString(file, text + "\n");
      show(NodeToken.at(file));
      assertThat(shown.get(key("authorization"))).isEqualTo("Bearer " + text);
      assertThat(shown.get(key("clusterid"))).isEqualTo("east");
    }
  }

  @Test
  void missingOneFailsTheCallThatNeedsIt() {
    show(NodeToken.at(file));
    assertThat(shown).isNull();
    assertThat(failed.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
    assertThat(failed.getDescription()).contains("token-file " + file, "no such file");
  }

  @Test
  void missingOneIsNotShownWhereNobodyAskedForIt() throws IOException {
    show(new NodeToken(file, false));
    assertThat(shown.containsKey(key("authorization"))).isFalse();
    assertThat(shown.get(key("clusterid"))).isEqualTo("east");

    Files.writeString(file, "late");
    show(new NodeToken(file, false));
    assertThat(shown.get(key("authorization"))).isEqualTo("Bearer late");
  }
}
