// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.state.ControlPlaneException;
import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Settings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ControlPlaneConfigTest {
  @Test
  void onlyTheSourceMustBeGiven() {
    ControlPlaneConfig config = config(Map.of());
    assertThat(config.source()).isEqualTo(new MeshSource.Folder(Path.of("mesh")));
    assertThat(config.state()).isEqualTo(Path.of("/var/lib/culvert"));
    assertThat(config.listen()).hasToString("/127.0.0.1:15012");
    assertThat(config.servingNames()).isEmpty();
    assertThat(config.names().trustDomain()).hasToString("cluster.local");
    assertThat(config.names().cluster()).isEqualTo("Kubernetes");
    assertThat(config.names().network()).isEmpty();
    assertThat(config.names().clusterDomain()).isEqualTo("cluster.local");
    assertThat(config.names().rootNamespaces()).containsExactly("culvert-system", "istio-system");
    assertThat(config.authority()).isEqualTo(new AuthorityChoice.OwnRoot());
    assertThat(config.certificateTtl()).isEqualTo(Duration.ofHours(24));
    assertThat(config.drain()).isEqualTo(Duration.ofSeconds(5));
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> Settings.of(ControlPlaneConfig.settings(), Map.of()))
        .withMessageContaining("source");
  }

  @Test
  void everythingCanBeGiven() {
    ControlPlaneConfig config =
        config(
            Map.of(
                "listen", "[::]:0",
                "serving-names", "plane.example, 198.18.0.1",
                "root-namespaces", "mesh",
                "ca-certs", "/etc/cacerts",
                "certificate-ttl", "10m"));
    assertThat(config.listen().getAddress().isAnyLocalAddress()).isTrue();
    assertThat(config.servingNames()).containsExactly("plane.example", "198.18.0.1");
    assertThat(config.names().rootNamespaces()).containsExactly("mesh");
    assertThat(config.authority()).isEqualTo(new AuthorityChoice.Folder(Path.of("/etc/cacerts")));
    assertThat(config.certificateTtl()).isEqualTo(Duration.ofMinutes(10));
  }

  @Test
  void apiServerIsReachedAsThePodOrByAFile() {
    assertThat(config(Map.of("source", "kubernetes")).source())
        .isEqualTo(new MeshSource.ApiServer(Optional.empty()));
    assertThat(config(Map.of("source", "kubernetes", "kubeconfig", "/etc/kube")).source())
        .isEqualTo(new MeshSource.ApiServer(Optional.of(Path.of("/etc/kube"))));
    assertThat(config(Map.of("source", "./kubernetes")).source())
        .isEqualTo(new MeshSource.Folder(Path.of("./kubernetes")));
  }

  @Test
  void signerOfTheClusterNeedsItsRoots() {
    Map<String, String> whole =
        Map.of("ca-signer", "example.com/mesh", "ca-roots", "/etc/roots/ca.pem");
    assertThat(config(whole).authority())
        .isEqualTo(new AuthorityChoice.Signer("example.com/mesh", Path.of("/etc/roots/ca.pem")));
    for (Map<String, String> broken :
        List.of(
            Map.of("ca-signer", "example.com/mesh"),
            Map.of("ca-roots", "/etc/roots/ca.pem"),
            Map.of("ca-signer", "mesh", "ca-roots", "/etc/roots/ca.pem"),
            Map.of(
                "ca-signer", "example.com/mesh",
                "ca-roots", "/etc/roots/ca.pem",
                "ca-certs", "/etc/cacerts"))) {
      assertThatExceptionOfType(ControlPlaneException.class)
          .isThrownBy(() -> config(broken))
          .withMessageContaining("ca-");
    }
  }

  @Test
  void mistakesNameTheirKey() {
    refused("listen", "15012");
    refused("listen", ":15012");
    refused("listen", "::1:15012");
    refused("listen", "127.0.0.1:65536");
    refused("listen", "127.0.0.1:-1");
    refused("listen", "localhost:15012");
    refused("trust-domain", "Not A Domain");
    refused("certificate-ttl", "0s");
    refused("certificate-ttl", "366d");
    refused("certificate-ttl", "day");
    refused("serving-names", "not a name");
    refused("root-namespaces", ",");
    refused("drain", "5");
    refused("surplus", "x");
  }

  private static void refused(String key, String value) {
    assertThatExceptionOfType(InvalidSettingException.class)
        .isThrownBy(() -> config(Map.of(key, value)))
        .withMessageStartingWith(key + ": ");
  }

  private static ControlPlaneConfig config(Map<String, String> given) {
    Map<String, String> all = new HashMap<>(given);
    all.putIfAbsent("source", "mesh");
    return ControlPlaneConfig.from(Settings.of(ControlPlaneConfig.settings(), all));
  }
}
