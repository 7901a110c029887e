// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.yaml;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.ReaderException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads a file of documents separated by {@code ---}. */
public final class YamlDocuments {
  /** The longest file, in characters. */
  public static final int MAX_LENGTH = 16 * 1024 * 1024;

  private static final LoadSettings SETTINGS =
      LoadSettings.builder().setCodePointLimit(MAX_LENGTH).setUseMarks(true).build();

  private final Iterator<Event> events;
  private int document;

  private YamlDocuments(String text) {
    events = new Parse(SETTINGS).parseString(text).iterator();
  }

  /**
   * The documents of a file in order; an empty one is a {@link YamlValue.Scalar} of type NULL.
   *
   * @throws YamlException when the text is not YAML or is beyond what is accepted
   */
  public static List<YamlValue> read(String text) throws YamlException {
    if (text.length() > MAX_LENGTH) {
      throw new YamlException(
          1, 0, "the file is longer than %d characters".formatted(MAX_LENGTH), "split it");
    }
    return new YamlDocuments(text).read();
  }

  private List<YamlValue> read() throws YamlException {
    List<YamlValue> documents = new ArrayList<>();
    try {
      while (events.hasNext()) {
        if (events.next() instanceof DocumentStartEvent) {
          document++;
          documents.add(new TreeBuilder(events, document).build());
        }
      }
    } catch (MarkedYamlEngineException e) {
      throw broken(line(e), e.getProblem());
    } catch (ReaderException e) {
      throw broken(0, "character 0x%x is not allowed".formatted(e.getCodePoint()));
    } catch (YamlEngineException e) {
      throw broken(0, e.getMessage());
    }
    return documents;
  }

  /** The parser reads ahead of the document that it breaks in when that one has not started. */
  private YamlException broken(int line, String problem) {
    String text = "not valid YAML: " + problem.strip();
    String remedy = "check indentation, quotes and brackets there and on the line before";
    return new YamlException(Math.max(document, 1), line, text, remedy);
  }

  private static int line(MarkedYamlEngineException e) {
    Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
    return mark.map(m -> m.getLine() + 1).orElse(0);
  }
}
