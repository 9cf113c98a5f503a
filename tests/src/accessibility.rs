//! Drives a program as assistive technology does: finds its widgets by role and name, reads them
//! and acts on them. The bindings are Python's; `driver.py` speaks JSON lines with this module.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::display::Display;
use crate::testbed;
use crate::wait::LIMIT;

/// Which widget: the first, in reading order, that is visible and fits all that is said.
#[derive(Debug, Clone, Default)]
pub struct Query {
    role: Option<String>,
    name: Option<String>,
    name_contains: Option<String>,
    within: Option<Box<Query>>,
    index: usize,
}

impl Query {
    /// By its role, in the words of AT-SPI: "push button", "text", "slider", "list item".
    pub fn role(role: &str) -> Self {
        Self {
            role: Some(role.to_owned()),
            ..Self::default()
        }
    }

    /// Any widget.
    pub fn any() -> Self {
        Self::default()
    }

    /// By its whole accessible name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// By a part of its accessible name.
    #[must_use]
    pub fn containing(mut self, part: &str) -> Self {
        self.name_contains = Some(part.to_owned());
        self
    }

    /// Only inside another one.
    #[must_use]
    pub fn within(mut self, outer: Query) -> Self {
        self.within = Some(Box::new(outer));
        self
    }

    /// Not the first that fits, but this one, counted from 0.
    #[must_use]
    pub fn nth(mut self, index: usize) -> Self {
        self.index = index;
        self
    }

    fn json(&self) -> Value {
        json!({
            "role": self.role,
            "name": self.name,
            "contains": self.name_contains,
            "within": self.within.as_ref().map(|outer| outer.json()),
            "index": self.index,
        })
    }
}

/// A connection to the accessibility tree of a display.
#[derive(Debug)]
pub struct Accessibility {
    driver: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Accessibility {
    /// Connects to `display` and looks at the program that calls itself `application` there.
    ///
    /// # Panics
    /// When there is no tree, or no such program after a while.
    pub fn of(display: &Display, application: &str) -> Self {
        let mut command = Command::new(testbed::PYTHON);
        let mut driver = display
            .use_for(&mut command)
            .args(["-u", "-W", "ignore", "-c", include_str!("driver.py")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python starts");
        let requests = driver.stdin.take().expect("it was asked for");
        let answers = BufReader::new(driver.stdout.take().expect("it was asked for"));
        let mut tree = Self {
            driver,
            requests,
            answers,
        };
        tree.ask("attach", LIMIT, &json!({ "application": application }));
        tree
    }

    /// Waits until such a widget shows.
    ///
    /// # Panics
    /// When it does not, with the whole tree as it is.
    pub fn wait_for(&mut self, query: &Query) {
        self.ask("find", LIMIT, &json!({ "query": query.json() }));
    }

    /// Waits until no such widget shows.
    ///
    /// # Panics
    /// When one still does after a while, with the whole tree.
    pub fn wait_until_gone(&mut self, query: &Query) {
        self.ask("gone", LIMIT, &json!({ "query": query.json() }));
    }

    /// Presses a button, or does whatever a widget does first; waits for it before.
    ///
    /// # Panics
    /// When there is none, or it cannot be pressed.
    pub fn press(&mut self, query: &Query) {
        self.ask("press", LIMIT, &json!({ "query": query.json() }));
    }

    /// Clicks in the middle of a widget of the window on top, as the pointer does: what a list
    /// selects has no other way in. Windows lie at the corner of a display without a manager.
    ///
    /// # Panics
    /// When there is none.
    pub fn click(&mut self, query: &Query) {
        self.ask("click", LIMIT, &json!({ "query": query.json() }));
    }

    /// The same with two clicks in a row: what a list opens.
    ///
    /// # Panics
    /// When there is none.
    pub fn click_twice(&mut self, query: &Query) {
        let arguments = json!({ "query": query.json(), "twice": true });
        self.ask("click", LIMIT, &arguments);
    }

    /// Whether a check box is ticked now.
    ///
    /// # Panics
    /// When there is none.
    pub fn is_checked(&mut self, query: &Query) -> bool {
        let answer = self.ask("checked", LIMIT, &json!({ "query": query.json() }));
        answer.as_bool().unwrap_or_default()
    }

    /// Replaces the text of an entry.
    ///
    /// # Panics
    /// When there is none, or it does not take text.
    pub fn set_text(&mut self, query: &Query, text: &str) {
        self.ask(
            "set_text",
            LIMIT,
            &json!({ "query": query.json(), "text": text }),
        );
    }

    /// Moves a slider or spin button.
    ///
    /// # Panics
    /// When there is none, or it has no value.
    pub fn set_value(&mut self, query: &Query, value: f64) {
        self.ask(
            "set_value",
            LIMIT,
            &json!({ "query": query.json(), "value": value }),
        );
    }

    /// The value of a slider, spin button or progress bar.
    ///
    /// # Panics
    /// When there is none.
    pub fn value(&mut self, query: &Query) -> f64 {
        let answer = self.ask("value", LIMIT, &json!({ "query": query.json() }));
        answer.as_f64().expect("a value is a number")
    }

    /// The text in an entry, or a label's.
    ///
    /// # Panics
    /// When there is no such widget.
    pub fn text(&mut self, query: &Query) -> String {
        let answer = self.ask("text", LIMIT, &json!({ "query": query.json() }));
        answer.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until a widget's description has these words in it.
    ///
    /// # Panics
    /// When it has not after a while.
    pub fn wait_for_description(&mut self, query: &Query, words: &str) {
        self.ask(
            "described",
            LIMIT,
            &json!({ "query": query.json(), "words": words }),
        );
    }

    /// Waits until a widget that fits can be used (is sensitive).
    ///
    /// # Panics
    /// When it is not after a while.
    pub fn wait_until_sensitive(&mut self, query: &Query) {
        self.ask("sensitive", LIMIT, &json!({ "query": query.json() }));
    }

    /// How many widgets that fit show now.
    pub fn count(&mut self, query: &Query) -> u64 {
        let answer = self.ask("count", LIMIT, &json!({ "query": query.json() }));
        answer.as_u64().unwrap_or_default()
    }

    /// The whole tree, indented, for messages and for finding out.
    pub fn dump(&mut self) -> String {
        let answer = self.ask("dump", LIMIT, &json!({}));
        answer.as_str().unwrap_or_default().to_owned()
    }

    fn ask(&mut self, act: &str, limit: Duration, arguments: &Value) -> Value {
        let mut request = arguments.clone();
        request["act"] = json!(act);
        request["limit"] = json!(limit.as_secs_f64());
        writeln!(self.requests, "{request}").expect("the driver listens");
        let mut line = String::new();
        self.answers
            .read_line(&mut line)
            .expect("the driver answers");
        let mut answer: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("the driver said {line:?}"));
        if let Some(error) = answer["error"].as_str() {
            panic!("{act} {arguments}: {error}");
        }
        answer["result"].take()
    }
}

impl Drop for Accessibility {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
