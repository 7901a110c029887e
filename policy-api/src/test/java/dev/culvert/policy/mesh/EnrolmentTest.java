// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodPhase;
import dev.culvert.policy.resource.PodResource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnrolmentTest {
  private static final String AMBIENT = "culvert.dev/dataplane-mode=ambient";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          # namespace                     | pod                               | captured
          -                               | -                                 | false
          culvert.dev/dataplane-mode=ambient | -                              | true
          istio.io/dataplane-mode=ambient | -                                 | true
          culvert.dev/dataplane-mode=none | -                                 | false
          -                               | culvert.dev/dataplane-mode=ambient | true
          -                               | istio.io/dataplane-mode=ambient   | true
          culvert.dev/dataplane-mode=ambient | culvert.dev/dataplane-mode=none | false
          culvert.dev/dataplane-mode=ambient | istio.io/dataplane-mode=none   | false
          istio.io/dataplane-mode=ambient | culvert.dev/dataplane-mode=none   | false
          culvert.dev/dataplane-mode=none | culvert.dev/dataplane-mode=ambient | true
          culvert.dev/dataplane-mode=true | -                                 | false
          app=web                         | app=web                           | false
          """)
  void labelsDecide(String namespaceLabel, String podLabel, boolean captured) {
    NamespaceResource namespace = new NamespaceResource(meta(namespaceLabel));

    assertThat(Enrolment.isCaptured(namespace, pod(podLabel, false))).isEqualTo(captured);
    assertThat(Enrolment.isCaptured(namespace, pod(podLabel, true))).isFalse();
  }

  @Test
  void podThatCannotBeInIsLeftAloneWithAReason() {
    NamespaceResource shop = new NamespaceResource(meta(AMBIENT));
    assertThat(Enrolment.leftAlone(shop, pod(null, true)).orElseThrow()).contains("hostNetwork");
    assertThat(Enrolment.leftAlone(shop, pod(null, false))).isEmpty();
    assertThat(Enrolment.leftAlone(new NamespaceResource(meta(null)), pod(null, true))).isEmpty();
  }

  @Test
  void podsOfTheClusterItselfAreLeftAlone() {
    NamespaceResource system = new NamespaceResource(meta("", "kube-system", AMBIENT));
    PodResource pod = podOf(meta("kube-system", "dns", AMBIENT), false);
    assertThat(Enrolment.isCaptured(system)).isFalse();
    assertThat(Enrolment.isCaptured(system, pod)).isFalse();
    assertThat(Enrolment.leftAlone(system, pod).orElseThrow()).contains("kube-system");
  }

  private static PodResource pod(String label, boolean hostNetwork) {
    return podOf(meta(label), hostNetwork);
  }

  private static PodResource podOf(ObjectMeta meta, boolean hostNetwork) {
    return new PodResource(
        meta,
        "node1",
        "default",
        hostNetwork,
        PodPhase.RUNNING,
        List.of(),
        true,
        false,
        List.of(),
        List.of());
  }

  private static ObjectMeta meta(String label) {
    return meta("shop", "web", label);
  }

  private static ObjectMeta meta(String namespace, String name, String label) {
    Map<String, String> labels = Map.of();
    if (label != null) {
      String[] parts = label.split("=", -1);
      labels = Map.of(parts[0], parts[1]);
    }
    return new ObjectMeta(
        namespace, name, namespace + "/" + name, labels, Map.of(), Optional.empty());
  }
}
