// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.perf.bench.lane.Template;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

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
            "h1-tls-port",
            "h2-tls-port")) {
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
          .contains("<h1-port>", "<h2c-port>", "<h2-tls-port>", "<backend>", "log")
          .doesNotContain("${");
    }
  }

  @Test
  void everyRouteButTheLoadsHasAPathOfItsOwn() {
    String routes = GatewayResources.routes(10_000);
    assertThat(routes.split("---", -1)).hasSize(10_000);
    assertThat(routes).contains("value: /}", "value: /teams/1/service}", "/teams/9999/service}");
  }
}
