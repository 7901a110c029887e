// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.perf.bench.lane.AddedPolicy;
import dev.culvert.perf.bench.lane.Template;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.Test;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

class DoorTest {
  private static final Map<String, String> VARIABLES = new LinkedHashMap<>();

  static {
    for (String name :
        List.of(
            "dir",
            "address",
            "backend",
            "ca",
            "certificate",
            "key",
            "certificate-and-key",
            "h1-port",
            "h2c-port",
            "h1-mtls-port",
            "h2-mtls-port")) {
      VARIABLES.put(name, "<" + name + ">");
    }
  }

  @Test
  void everyDoorTakesEveryKindOfHttpAndLogsRequests() throws IOException {
    assertThat(Door.all()).extracting(Door::name).containsExactly("haproxy", "nginx", "caddy");
    for (Door door : Door.all()) {
      assertThat(door.files()).hasSize(1);
      String text = door.files().values().iterator().next();
      assertThat(new Template(door.name(), text).with(VARIABLES))
          .contains("<h1-port>", "<h2c-port>", "<h2-mtls-port>", "<backend>", "<ca>", "log")
          .doesNotContain("${");
    }
  }

  @Test
  void everyPolicyHasADoorOfItsOwn() throws IOException {
    PolicyResources resources = new PolicyResources(BenchToken.make(), "kind: Service\n");
    for (AddedPolicy policy : AddedPolicy.values()) {
      String text = resources.of(policy);
      assertThat(text)
          .contains("{name: %s, namespace: bench}".formatted(policy.key()))
          .contains("port: %d, protocol: HTTP".formatted(policy.port()))
          .contains("parentRefs: [{name: %s}]".formatted(policy.key()))
          .doesNotContain("${");
      new Load(LoadSettings.builder().build()).loadAllFromString(text).forEach(each -> {});
    }
  }

  @Test
  void tokenIsProvedByItsKeys() throws Exception {
    BenchToken token = BenchToken.make();
    JsonWebSignature signature = new JsonWebSignature();
    signature.setCompactSerialization(token.text());
    signature.setKey(new JsonWebKeySet(token.keys()).getJsonWebKeys().getFirst().getKey());
    assertThat(signature.verifySignature()).isTrue();
    assertThat(signature.getPayload()).contains("\"iss\":\"" + BenchToken.ISSUER);
  }

  @Test
  void everyRouteButTheLoadsHasAPathOfItsOwn() {
    String routes = GatewayResources.routes("door", 10_000);
    assertThat(routes.split("---", -1)).hasSize(10_000);
    assertThat(routes).contains("value: /}", "value: /teams/1/service}", "/teams/9999/service}");
  }
}
