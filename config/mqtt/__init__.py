"""The file about the MQTT broker: read, checked, made into settings."""

from config.mqtt.load import MqttRefused, MqttReport, check_file, check_text, read_mqtt

__all__ = ["MqttRefused", "MqttReport", "check_file", "check_text", "read_mqtt"]
