// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.answer;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class CausesTest {
  @Test
  void fileSystemFailuresSayWhatIsWrong() {
    assertThat(Causes.of(new NoSuchFileException("/a"))).isEqualTo("/a: no such file");
    assertThat(Causes.of(new AccessDeniedException("/a"))).isEqualTo("/a: permission denied");
  }

  @Test
  void causesFollowUnlessTheyAreToldAlready() {
    IOException inner = new IOException("address in use");
    assertThat(Causes.of(new IOException("cannot listen", inner)))
        .isEqualTo("cannot listen: address in use");
    assertThat(Causes.of(new IOException("cannot listen: address in use", inner)))
        .isEqualTo("cannot listen: address in use");
  }

  @Test
  void refusalOfAnApiServerIsItsOwnWords() {
    Status status = new Status();
    status.setMessage("serviceaccounts \"a\" is forbidden");
    assertThat(Causes.of(new KubernetesClientException("Failure executing: ...", 403, status)))
        .isEqualTo(
            "the API server does not allow it (403): serviceaccounts \"a\" is forbidden; use a kubeconfig that may");
  }

  @Test
  void failureWithoutAMessageGivesItsType() {
    assertThat(Causes.of(new UncheckedIOException(null, new IOException())))
        .contains("IOException");
  }
}
