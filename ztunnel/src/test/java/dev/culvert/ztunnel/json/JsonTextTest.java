// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class JsonTextTest {
  @Test
  void membersInTheirOrder() {
    String json =
        JsonText.object(
            top ->
                top.text("a", "x")
                    .number("b", -5)
                    .object("d", inner -> inner.texts("e", List.of("1", "2")).texts("f", List.of()))
                    .objects("g", List.of(1, 2), (each, n) -> each.number("n", n))
                    .raws("h", List.of("{}", "[]")));

    assertThat(json)
        .isEqualTo(
            "{\"a\":\"x\",\"b\":-5,\"d\":{\"e\":[\"1\",\"2\"],\"f\":[]},"
                + "\"g\":[{\"n\":1},{\"n\":2}],\"h\":[{},[]]}");
  }

  @Test
  void hostileTextStaysInsideItsQuotes() {
    assertThat(JsonText.quoted("a\"b\\c\nd\te\u0001f\u007fé"))
        .isEqualTo("\"a\\\"b\\\\c\\nd\\te\\u0001f\\u007fé\"");
  }

  @Test
  void emptyObject() {
    assertThat(JsonText.object(nothing -> {})).isEqualTo("{}");
  }
}
