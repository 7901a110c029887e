// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.policy.yaml.YamlValue.Fields;
import dev.culvert.policy.yaml.YamlValue.Items;
import dev.culvert.policy.yaml.YamlValue.Scalar;
import java.util.List;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class YamlDocumentsTest {

  @Test
  void valuesRememberTheirLines() throws YamlException {
    Fields document = (Fields) read("# a comment\nname: web\nports:\n- 80\n- 443\n").getFirst();

    assertThat(document.line()).isEqualTo(2);
    assertThat(document.byName().get("ports").line()).isEqualTo(3);
    assertThat(document.byName().get("ports").value())
        .isEqualTo(new Items(4, List.of(number(4, "80"), number(5, "443"))));
  }

  @Test
  void fileOfSeveralDocuments() throws YamlException {
    List<YamlValue> documents = read("a: 1\n---\n# only a comment\n---\nb: 2\n");

    assertThat(documents).hasSize(3);
    assertThat(documents.get(1)).returns(true, YamlValue::isNull);
    assertThat(documents.get(2).line()).isEqualTo(5);
  }

  @Test
  void emptyFileHasNoDocuments() throws YamlException {
    assertThat(read("")).isEmpty();
    assertThat(read("# nothing\n")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          web         | TEXT
          "80"        | TEXT
          '80'        | TEXT
          !!str 80    | TEXT
          80          | INTEGER
          -1          | INTEGER
          0x1F        | INTEGER
          1.5         | DECIMAL
          .inf        | DECIMAL
          1e3         | DECIMAL
          true        | FLAG
          False       | FLAG
          yes         | TEXT
          on          | TEXT
          ~           | NULL
          null        | NULL
          1.2.3.4     | TEXT
          2026-11-21  | TEXT
          """)
  void scalarsAreTypedByTheCoreSchema(String text, ScalarType type) throws YamlException {
    assertThat(read(text).getFirst())
        .isInstanceOfSatisfying(Scalar.class, s -> assertThat(s.type()).isEqualTo(type));
  }

  @Test
  void aliasRepeatsItsAnchor() throws YamlException {
    Fields document = (Fields) read("a: &x [1, 2]\nb: *x\n").getFirst();

    assertThat(document.byName().get("b").value()).isEqualTo(document.byName().get("a").value());
  }

  @Test
  void duplicateFieldIsAnError() {
    refused("a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n")
        .withMessage(
            "document 1, line 5: field 'c' is written twice, first on line 3; keep one of them");
  }

  @Test
  void brokenSyntaxNamesDocumentAndLine() {
    refused("a: 1\n---\nb: [1, 2\nc: 3\n")
        .withMessageStartingWith("document 2, line 4: not valid YAML: ")
        .withMessageContaining("check indentation, quotes and brackets");
    refused("a: 1\n\tb: 2\n").withMessageContaining("line 2").withMessageContaining("TAB");
    refused("a: 'unclosed\n").withMessageContaining("not valid YAML");
    refused("}").withMessageStartingWith("document 1, line 1");
  }

  @Test
  void controlCharacterIsRefused() {
    refused("a: \u0001\n").withMessageContaining("character 0x1 is not allowed");
  }

  @Test
  void aliasWithoutAnchor() {
    refused("a: *x\n").withMessageContaining("alias *x has no anchor before it");
  }

  @Test
  void aliasInsideItsOwnAnchor() {
    refused("a: &x\n  b: *x\n").withMessageContaining("alias *x has no anchor before it");
  }

  @Test
  void billionLaughsIsRefused() {
    StringBuilder text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 10; i++) {
      String alias = "*a" + (i - 1) + ", ";
      text.append("a%d: &a%d [%s*a%d]\n".formatted(i, i, alias.repeat(9), i - 1));
    }

    refused(text.toString()).withMessageContaining("aliases stand for more than 10000 values");
  }

  @Test
  void bottomlessNestingIsRefused() {
    refused("[".repeat(100_000)).withMessageContaining("more than 64 levels deep");
    refused("{a: ".repeat(100_000)).withMessageContaining("more than 64 levels deep");
    refused("- ".repeat(100_000)).withMessageContaining("more than 64 levels deep");
  }

  @Test
  void endlessFileIsRefused() {
    refused("a".repeat(YamlDocuments.MAX_LENGTH + 1))
        .withMessageContaining("longer than 16777216 characters");
  }

  @Test
  void tagsAreRefused() {
    refused("a: !!java.net.URL [x]\n").withMessageContaining("is not supported; remove it");
    refused("a: !include file\n").withMessageContaining("tag !include is not supported");
    refused("a: !!binary aGk=\n").withMessageContaining("binary is not supported");
  }

  @Test
  void nameOfAFieldMustBeText() {
    refused("? [a, b]\n: 1\n").withMessageContaining("the name of a field must be text");
    refused("~: 1\n").withMessageContaining("the name of a field must be text");
  }

  private static Scalar number(int line, String text) {
    return new Scalar(line, ScalarType.INTEGER, text);
  }

  private static List<YamlValue> read(String text) throws YamlException {
    return YamlDocuments.read(text);
  }

  private static ThrowableAssertAlternative<YamlException> refused(String text) {
    return assertThatExceptionOfType(YamlException.class)
        .isThrownBy(() -> YamlDocuments.read(text));
  }
}
