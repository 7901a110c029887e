// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/** The chart, rendered by Helm itself. */
final class Chart {
  static final Path FOLDER = Path.of("chart");
  static final Path VALUES = FOLDER.resolve("values.yaml");
  static final String NAMESPACE = "culvert-system";

  /** The oldest that the chart is for. */
  private static final String KUBERNETES = "1.31.0";

  private Chart() {}

  /** The text that Helm makes of it with the values of these files over the defaults. */
  static String render(Path... values) {
    TemplateCommand command =
        new Helm(FOLDER.toAbsolutePath())
            .template()
            .withName("culvert")
            .withNamespace(NAMESPACE)
            .withKubeVersion(KUBERNETES);
    for (Path file : values) {
      command.withValuesFile(file.toAbsolutePath());
    }
    return command.call();
  }

  /** The objects of a rendered text. */
  static List<Manifest> objects(String rendered) {
    List<Manifest> objects = new ArrayList<>();
    for (Object document : load().loadAllFromString(rendered)) {
      if (document instanceof Map<?, ?> tree) {
        objects.add(new Manifest(tree));
      }
    }
    return objects;
  }

  /** What stands in a text without quotes. */
  static Set<String> plainWords(String yaml) {
    Set<String> words = new TreeSet<>();
    for (Event event : new Parse(LoadSettings.builder().build()).parseString(yaml)) {
      if (event instanceof ScalarEvent scalar && scalar.isPlain()) {
        words.add(scalar.getValue());
      }
    }
    return words;
  }

  static Object yaml(String text) {
    return load().loadFromString(text);
  }

  private static Load load() {
    return new Load(LoadSettings.builder().setAllowDuplicateKeys(false).build());
  }
}
