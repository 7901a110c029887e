// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
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
    assertThat(JsonText.quoted("a\"b\\c\nd\te\u0001f\u007f\u009bé"))
        .isEqualTo("\"a\\\"b\\\\c\\nd\\te\\u0001f\\u007f\\u009bé\"");
  }

  /** What a large mesh is told in is not held as a whole. */
  @Test
  void longDocumentIsWrittenWhileItIsMade() throws IOException {
    List<Integer> numbers = IntStream.range(0, 50_000).boxed().toList();
    StringWriter out = new StringWriter();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger made = new AtomicInteger();
    JsonText.write(
        out,
        top ->
            top.objects(
                "all",
                numbers,
                (each, n) -> {
                  each.number("n", n).texts("of", List.of(n));
                  made.addAndGet("{'n':,'of':['']},".length() + 2 * Integer.toString(n).length());
                  most.accumulateAndGet(made.get() - out.getBuffer().length(), Math::max);
                }));
    assertThat(most.get()).isBetween(1, 70_000);
    assertThat(out)
        .hasToString(
            JsonText.object(
                top ->
                    top.objects(
                        "all", numbers, (each, n) -> each.number("n", n).texts("of", List.of(n)))));
  }

  @Test
  void emptyObject() {
    assertThat(JsonText.object(nothing -> {})).isEqualTo("{}");
  }
}
