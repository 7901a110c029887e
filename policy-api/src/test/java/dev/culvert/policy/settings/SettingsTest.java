// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SettingsTest {
  private enum Engine {
    AUTO,
    IO_URING
  }

  private static final Setting<String> NODE = Setting.text("node", "", "who").withoutDefault();
  private static final Setting<Integer> WORKERS = Setting.integer("workers", 2, 1, 64, "loops");
  private static final Setting<Duration> TTL =
      Setting.duration("certificate-ttl", Duration.ofHours(24), "a day");
  private static final Setting<Long> WINDOW = Setting.size("window", "4MiB", "as the peers");
  private static final Setting<Engine> TRANSPORT = Setting.choice("transport", Engine.AUTO, "why");
  private static final Setting<Optional<Path>> TOKEN =
      Setting.path("token-file", "", "who calls").optional();
  private static final Setting<Boolean> TLS12 = Setting.flag("tls12", false, "never");
  private static final List<Setting<?>> ALL =
      List.of(NODE, WORKERS, TTL, WINDOW, TRANSPORT, TOKEN, TLS12);

  @Test
  void defaultsFillWhatIsNotGiven() {
    Settings settings = Settings.of(ALL, Map.of("node", "n1"));
    assertThat(settings.get(NODE)).isEqualTo("n1");
    assertThat(settings.get(WORKERS)).isEqualTo(2);
    assertThat(settings.get(TTL)).isEqualTo(Duration.ofDays(1));
    assertThat(settings.get(WINDOW)).isEqualTo(4L << 20);
    assertThat(settings.get(TRANSPORT)).isEqualTo(Engine.AUTO);
    assertThat(settings.get(TOKEN)).isEmpty();
    assertThat(settings.get(TLS12)).isFalse();
  }

  @Test
  void givenValuesWin() {
    Settings settings =
        Settings.of(
            ALL,
            Map.of(
                "node", "n1",
                "certificate-ttl", "90s",
                "window", "64KiB",
                "transport", "io-uring",
                "token-file", "/t"));
    assertThat(settings.get(TTL)).isEqualTo(Duration.ofSeconds(90));
    assertThat(settings.get(WINDOW)).isEqualTo(65_536L);
    assertThat(settings.get(TRANSPORT)).isEqualTo(Engine.IO_URING);
    assertThat(settings.get(TOKEN)).contains(Path.of("/t"));
  }

  @Test
  void unknownKeyNamesTheNearest() {
    refused(Map.of("node", "n", "worker", "3"), "worker: unknown setting; did you mean workers?");
    refused(Map.of("node", "n", "zzzzzz", "3"), "zzzzzz: unknown setting; --help lists");
  }

  @Test
  void missingRequiredSettingIsNamed() {
    refused(Map.of(), "node: is required");
  }

  @Test
  void badValuesNameKeyAndForm() {
    refused(Map.of("node", "n", "workers", "65"), "workers: '65' is not 1 to 64");
    refused(Map.of("node", "n", "workers", "x"), "workers: 'x' is not 1 to 64");
    refused(Map.of("node", "n", "certificate-ttl", "24"), "certificate-ttl: '24' is not 500ms");
    refused(Map.of("node", "n", "window", "4MB"), "window: '4MB' is not");
    refused(Map.of("node", "n", "transport", "nio"), "transport: 'nio' is not auto|io-uring");
    refused(Map.of("node", "n", "tls12", "yes"), "tls12: 'yes' is not true|false");
  }

  @Test
  void environmentVariableFollowsTheKey() {
    assertThat(TTL.environmentVariable()).isEqualTo("CULVERT_CERTIFICATE_TTL");
  }

  private static void refused(Map<String, String> given, String message) {
    assertThatThrownBy(() -> Settings.of(ALL, given))
        .isInstanceOf(InvalidSettingException.class)
        .hasMessageContaining(message);
  }
}
