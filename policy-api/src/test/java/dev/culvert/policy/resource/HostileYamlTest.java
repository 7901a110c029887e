// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** However a file is damaged, it is read or refused with errors, and what was good stays. */
class HostileYamlTest {
  private static final long SEED = 20261121;
  private static final String DAMAGE = "\0\t\n -:{}[]&*!|>'\"%@`#,?~<\u00e9\u2028\ud83d\ude00";
  private static final String GOOD = "apiVersion: v1\nkind: Namespace\nmetadata: {name: good}\n";

  @ParameterizedTest
  @ValueSource(strings = {"allow-identities", "conditions", "ports-of-workloads", "scopes"})
  void damagedFile(String name) throws IOException {
    String sound = resource("/translate/" + name + "/policies.yaml");
    ResourceFiles before = ResourceFiles.empty().with(Map.of("a.yaml", GOOD));
    Random random = new Random(SEED);
    List<String> damaged = new ArrayList<>();
    for (int i = 0; i < 2_000; i++) {
      damaged.add(damage(sound, random));
    }

    for (String content : damaged) {
      ResourceFiles after = before.with(Map.of("a.yaml", content));
      if (!after.errors().isEmpty()) {
        assertThat(after.resources()).as(content).isEqualTo(before.resources());
        assertThat(after.errors()).allSatisfy(e -> assertThat(e.remedy()).isNotBlank());
      }
    }
  }

  private static String damage(String sound, Random random) {
    StringBuilder text = new StringBuilder(sound);
    for (int hits = random.nextInt(3); hits >= 0 && !text.isEmpty(); hits--) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(4)) {
        case 0 -> text.deleteCharAt(at);
        case 1 -> text.setCharAt(at, DAMAGE.charAt(random.nextInt(DAMAGE.length())));
        case 2 -> text.insert(at, DAMAGE.charAt(random.nextInt(DAMAGE.length())));
        default -> text.setLength(Math.max(1, at));
      }
    }
    return text.toString();
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = HostileYamlTest.class.getResourceAsStream(name)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
