// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Fields do what Netty's do. */
final class HttpFieldsTest {
  private static final List<CharSequence> NAMES =
      List.of("a", "A", AsciiString.of("a"), "b", AsciiString.of("B"), "c-d", "C-d", "e");

  @Test
  void changesLeaveTheSameAsWithNettys() {
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      HttpFields fields = new HttpFields();
      HttpHeaders nettys = new DefaultHttpHeaders();
      for (int i = 0; i < 40; i++) {
        int what = random.nextInt(6);
        CharSequence name = NAMES.get(random.nextInt(NAMES.size()));
        change(fields, what, name, i);
        change(nettys, what, name, i);
        isSame(fields, nettys);
      }
      isSame(fields.copy(), nettys.copy());
    }
  }

  private static void change(HttpHeaders fields, int what, CharSequence name, int value) {
    switch (what) {
      case 0, 1 -> fields.add(name, value);
      case 2 -> fields.set(name, "v" + value);
      case 3 -> fields.remove(name);
      case 4 -> fields.set(name, List.of(value, "w"));
      default -> fields.add(name.toString(), AsciiString.of("x, y" + value));
    }
  }

  private static void isSame(HttpHeaders fields, HttpHeaders nettys) {
    assertThat(fields.entries()).isEqualTo(nettys.entries());
    assertThat(fields.size()).isEqualTo(nettys.size());
    assertThat(fields.isEmpty()).isEqualTo(nettys.isEmpty());
    assertThat(fields.names()).isEqualTo(new HashSet<>(nettys.names()));
    for (CharSequence name : NAMES) {
      assertThat(fields.get(name)).isEqualTo(nettys.get(name));
      assertThat(fields.getAll(name)).isEqualTo(nettys.getAll(name));
      assertThat(fields.contains(name)).isEqualTo(nettys.contains(name));
      assertThat(fields.getInt(name)).isEqualTo(nettys.getInt(name));
      assertThat(fields.containsValue(name, "X", true))
          .isEqualTo(nettys.containsValue(name, "X", true));
      assertThat(fields.valueStringIterator(name))
          .toIterable()
          .containsExactlyElementsOf(nettys.getAll(name));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:", "a\r\n", "\u00e9", "a\0"})
  void nameThatIsNone(String name) {
    HttpFields fields = new HttpFields();
    assertThatThrownBy(() -> fields.add(name, "v")).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fields.set(name, "v")).isInstanceOf(IllegalArgumentException.class);
    assertThat(fields.isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nb: c", "a\nb", "a\0b", "\u0001"})
  void valueThatIsNone(String value) {
    HttpFields fields = new HttpFields();
    assertThatThrownBy(() -> fields.add("a", value)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fields.set("a", value)).isInstanceOf(IllegalArgumentException.class);
    assertThat(fields.isEmpty()).isTrue();
  }

  @Test
  void numbersAndTimes() {
    HttpFields fields = new HttpFields();
    fields.addInt("n", 70_000).setShort("s", (short) 7).set("d", "Sun, 06 Nov 1994 08:49:37 GMT");
    assertThat(fields.getShort("n")).as("more than a short").isNull();
    assertThat(fields.getShort("s", (short) 1)).isEqualTo((short) 7);
    assertThat(fields.getInt("d", 3)).as("no number").isEqualTo(3);
    assertThat(fields.getTimeMillis("d", 0)).isEqualTo(784_111_777_000L);
    assertThat(fields.clear().isEmpty()).isTrue();
  }

  @Test
  void goesThroughAllInTheirOrder() {
    HttpFields fields = new HttpFields();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      fields.add("n" + i, "v");
      expected.append('n').append(i).append("=v;");
    }
    StringBuilder all = new StringBuilder();
    var entries = fields.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> entry = entries.next();
      all.append(entry.getKey()).append('=').append(entry.getValue()).append(';');
    }
    assertThat(all).hasToString(expected.toString());
    assertThatThrownBy(entries::next).isInstanceOf(NoSuchElementException.class);
  }
}
