// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {
  private static String json(String yaml) throws YamlException {
    return CanonicalJson.of(YamlDocuments.read(yaml).getFirst());
  }

  @Test
  void fieldsAreSortedAndThoseWithoutValueLeftOut() throws Exception {
    assertThat(json("{b: 1, a: [x, null, {}], c: null, d: {e: ~}, f: []}"))
        .isEqualTo("{\"a\":[\"x\",null,{}],\"b\":1,\"d\":{},\"f\":[]}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"80\"",
        "80",
        "True",
        "\"true\"",
        "-1.5e3",
        "0x50",
        "007",
        ".inf",
        "\"a: b # c, [d] {e} & * ! | > ' % @ `\"",
        "\"line\\nbreak\\ttab \\\\ \\\" quote\"",
        "\"\\u2028\\ufeff\\x7f\\x85 \\U0001F600\"",
        "''",
        "[-1, '-', '?', '---', '#', ' ']",
        "{'': x, 'a b': y, \"k\\n\": z, '80': w}"
      })
  void readsBackAsItWas(String yaml) throws Exception {
    String json = json(yaml);
    assertThat(json(json)).isEqualTo(json);
    assertThat(json).doesNotContain("\n");
    assertThat(shape(YamlDocuments.read(json).getFirst()))
        .isEqualTo(shape(YamlDocuments.read(yaml).getFirst()));
  }

  @Test
  void halfOfACharacterIsReplaced() throws Exception {
    YamlValue half = new YamlValue.Scalar(0, ScalarType.TEXT, "a\ud800b");
    assertThat(CanonicalJson.of(half)).isEqualTo("\"a\ufffdb\"");
  }

  /** Without the lines. */
  private static Object shape(YamlValue value) {
    return switch (value) {
      case YamlValue.Scalar scalar ->
          scalar.type() == ScalarType.FLAG
              ? Boolean.parseBoolean(scalar.text())
              : Map.of(scalar.type(), scalar.text());
      case YamlValue.Items items -> items.values().stream().map(CanonicalJsonTest::shape).toList();
      case YamlValue.Fields fields ->
          fields.byName().entrySet().stream()
              .collect(Collectors.toMap(Map.Entry::getKey, one -> shape(one.getValue().value())));
    };
  }
}
