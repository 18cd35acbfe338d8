//! Rules by which topics of a source connector are created: `topic.creation.*`.

use connect_core::config::{ConfigErrors, ConfigType, Props, java_pattern};
use regex::Regex;

use super::TOPIC_CREATION_GROUPS;
use crate::config::definition::{Parsed, invalid, missing, parse_text};

const PREFIX: &str = "topic.creation.";
const DEFAULT_GROUP: &str = "default";
const INCLUDE: &str = "include";
const EXCLUDE: &str = "exclude";
const REPLICATION: &str = "replication.factor";
const PARTITIONS: &str = "partitions";

/// Whether a connector has keys of topic creation.
#[must_use]
pub fn is_configured(props: &Props) -> bool {
    props.iter().any(|(key, _)| key.starts_with(PREFIX))
}

/// What the keys of the groups of a connector begin with.
#[must_use]
pub fn prefixes(props: &Props) -> Vec<String> {
    let listed = props.get(TOPIC_CREATION_GROUPS).unwrap_or_default();
    let groups = match parse_text(ConfigType::List, listed) {
        Ok(Parsed::List(groups)) => groups,
        _ => Vec::new(),
    };
    let groups = groups.iter().map(String::as_str).chain([DEFAULT_GROUP]);
    groups.map(|it| format!("{PREFIX}{it}.")).collect()
}

/// How the topics of a connector are created.
#[derive(Clone, Debug)]
pub struct TopicRules {
    /// In the order of choice.
    groups: Vec<(TopicPatterns, NewTopicSettings)>,
    default: NewTopicSettings,
}

/// With what a topic is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopicSettings {
    /// Replication factor; -1 is the broker's default.
    pub replication: i16,
    /// Partitions; -1 is the broker's default.
    pub partitions: i32,
    /// Settings of the topic.
    pub config: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
struct TopicPatterns {
    /// `None` matches nothing.
    include: Option<Regex>,
    exclude: Option<Regex>,
}

impl TopicPatterns {
    fn matches(&self, topic: &str) -> bool {
        let has = |pattern: &Option<Regex>| pattern.as_ref().is_some_and(|it| it.is_match(topic));
        has(&self.include) && !has(&self.exclude)
    }
}

impl TopicRules {
    /// Reads the rules of a connector; `None` if it has none.
    ///
    /// # Errors
    /// Every mistake.
    pub fn parse(props: &Props) -> Result<Option<Self>, ConfigErrors> {
        if !is_configured(props) {
            return Ok(None);
        }
        let mut reader = Reader {
            props,
            errors: ConfigErrors::default(),
        };
        let default = NewTopicSettings {
            replication: reader.replication(DEFAULT_GROUP, None),
            partitions: reader.partitions(DEFAULT_GROUP, None),
            config: reader.config(DEFAULT_GROUP),
        };
        let names = reader.list(TOPIC_CREATION_GROUPS);
        let mut groups = Vec::new();
        for name in &names {
            if name == DEFAULT_GROUP {
                tracing::warn!("the default group of topics is not to be listed");
                continue;
            }
            let patterns = TopicPatterns {
                include: reader.pattern(name, INCLUDE),
                exclude: reader.pattern(name, EXCLUDE),
            };
            let settings = NewTopicSettings {
                replication: reader.replication(name, Some(default.replication)),
                partitions: reader.partitions(name, Some(default.partitions)),
                config: reader.config(name),
            };
            groups.push((patterns, settings));
        }
        match reader.errors.is_empty() {
            true => Ok(Some(Self { groups, default })),
            false => Err(reader.errors),
        }
    }

    /// With what a topic of this name is created.
    #[must_use]
    pub fn for_topic(&self, topic: &str) -> &NewTopicSettings {
        let chosen = self
            .groups
            .iter()
            .find(|(patterns, _)| patterns.matches(topic));
        chosen.map_or(&self.default, |(_, settings)| settings)
    }
}

struct Reader<'a> {
    props: &'a Props,
    errors: ConfigErrors,
}

impl Reader<'_> {
    fn list(&mut self, key: &str) -> Vec<String> {
        let text = self.props.get(key).unwrap_or_default();
        match parse_text(ConfigType::List, text) {
            Ok(Parsed::List(elements)) => elements,
            _ => Vec::new(),
        }
    }

    /// A list of patterns as one, which a whole name must match.
    fn pattern(&mut self, group: &str, name: &str) -> Option<Regex> {
        let patterns = self.list(&format!("{PREFIX}{group}.{name}"));
        if patterns.is_empty() {
            return None;
        }
        match Regex::new(&format!("^(?:{})$", patterns.join("|"))) {
            Ok(pattern) => Some(pattern),
            Err(error) => {
                let mut mistakes = patterns.iter().filter_map(|it| java_pattern::mistake(it));
                let mistake = mistakes.next().unwrap_or_else(|| error.to_string());
                let problem = format!("Syntax error in regular expression: {mistake}");
                let list = format!("[{}]", patterns.join(", "));
                self.errors.push(
                    format!("{PREFIX}{group}.{name}"),
                    invalid(name, &list, problem),
                );
                None
            }
        }
    }

    fn replication(&mut self, group: &str, inherited: Option<i16>) -> i16 {
        const RULE: &str = "Replication factor must be positive and not larger than the number \
                            of brokers in the Kafka cluster, or -1 to use the broker's default";
        self.number(group, REPLICATION, ConfigType::Short, inherited, RULE)
    }

    fn partitions(&mut self, group: &str, inherited: Option<i32>) -> i32 {
        const RULE: &str =
            "Number of partitions must be positive, or -1 to use the broker's default";
        self.number(group, PARTITIONS, ConfigType::Int, inherited, RULE)
    }

    /// A number above zero or -1; after an error any number.
    fn number<T: TryFrom<i64> + Default>(
        &mut self,
        group: &str,
        name: &str,
        kind: ConfigType,
        inherited: Option<T>,
        rule: &str,
    ) -> T {
        let key = format!("{PREFIX}{group}.{name}");
        let parsed = match (self.props.get(&key), inherited) {
            (None, Some(inherited)) => return inherited,
            (None, None) => Err(missing(&key)),
            (Some(text), _) => match parse_text(kind, text) {
                Ok(Parsed::Integer(number)) if number > 0 || number == -1 => Ok(number),
                Ok(_) => Err(invalid(name, text.trim(), rule)),
                Err(problem) => Err(invalid(&key, text, problem)),
            },
        };
        match parsed {
            Ok(number) => T::try_from(number).unwrap_or_default(),
            Err(message) => {
                self.errors.push(key, message);
                T::default()
            }
        }
    }

    fn config(&self, group: &str) -> Vec<(String, String)> {
        let keys = self
            .props
            .with_prefix_stripped(&format!("{PREFIX}{group}."));
        let others = keys.iter().filter_map(|(key, value)| match key {
            INCLUDE | EXCLUDE | REPLICATION | PARTITIONS => None,
            key => Some((key.to_owned(), value?.to_owned())),
        });
        others.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(entries: &[(&str, &str)]) -> Result<Option<TopicRules>, String> {
        let props = Props::from_iter(entries.iter().copied());
        TopicRules::parse(&props).map_err(|errors| {
            let messages: Vec<_> = errors
                .iter()
                .map(|(_, message)| message.to_owned())
                .collect();
            messages.join("\n")
        })
    }

    #[test]
    fn a_connector_without_such_keys_has_no_rules() {
        assert!(parse(&[("topic", "t")]).unwrap().is_none());
    }

    #[test]
    fn the_first_group_that_matches_the_whole_name_counts() {
        let rules = parse(&[
            ("topic.creation.default.replication.factor", "3"),
            ("topic.creation.default.partitions", "-1"),
            ("topic.creation.default.retention.ms", "5"),
            ("topic.creation.groups", "a,b,none"),
            ("topic.creation.a.include", "x.*,y"),
            ("topic.creation.a.exclude", "xx"),
            ("topic.creation.a.partitions", "7"),
            ("topic.creation.a.cleanup.policy", "compact"),
            ("topic.creation.b.include", ".*x"),
            ("topic.creation.b.replication.factor", "1"),
        ])
        .unwrap()
        .unwrap();
        let settings = |topic| {
            let it = rules.for_topic(topic);
            (it.replication, it.partitions, it.config.len())
        };

        assert_eq!(settings("x1"), (3, 7, 1));
        assert_eq!(settings("xx"), (1, -1, 0));
        assert_eq!(settings("yy"), (3, -1, 1));
        assert_eq!(
            rules.for_topic("yy").config,
            [("retention.ms".to_owned(), "5".to_owned())]
        );
    }

    #[test]
    fn the_default_group_is_for_all_topics_that_no_other_takes() {
        let rules = parse(&[
            ("topic.creation.groups", "default,a"),
            ("topic.creation.default.replication.factor", "3"),
            ("topic.creation.default.partitions", "2"),
            ("topic.creation.default.include", "nothing"),
            ("topic.creation.default.exclude", ".*"),
            ("topic.creation.a.partitions", "7"),
            ("topic.creation.a.include", "x"),
        ])
        .unwrap()
        .unwrap();

        assert_eq!(rules.for_topic("x").partitions, 7);
        let others = rules.for_topic("y");
        assert_eq!((others.partitions, others.config.len()), (2, 0));
    }

    #[test]
    fn the_default_group_is_required() {
        let error = parse(&[("topic.creation.groups", "")]).unwrap_err();

        assert_eq!(
            error,
            "Missing required configuration \"topic.creation.default.replication.factor\" which \
             has no default value.\nMissing required configuration \
             \"topic.creation.default.partitions\" which has no default value."
        );
    }

    #[test]
    fn numbers_are_positive_or_minus_one() {
        let error = parse(&[
            ("topic.creation.default.replication.factor", "0"),
            ("topic.creation.default.partitions", "x"),
        ])
        .unwrap_err();

        assert_eq!(
            error,
            "Invalid value 0 for configuration replication.factor: Replication factor must be \
             positive and not larger than the number of brokers in the Kafka cluster, or -1 to \
             use the broker's default\nInvalid value x for configuration \
             topic.creation.default.partitions: Not a number of type INT"
        );
    }

    #[test]
    fn malformed_patterns_are_refused() {
        let error = parse(&[
            ("topic.creation.default.replication.factor", "1"),
            ("topic.creation.default.partitions", "1"),
            ("topic.creation.groups", "a"),
            ("topic.creation.a.include", "x,("),
        ])
        .unwrap_err();

        let expected = "Invalid value [x, (] for configuration include: Syntax error in regular \
                        expression: Unclosed group near index 1\n(";
        assert_eq!(error, expected);
    }
}
